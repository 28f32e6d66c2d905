"""What leaves for deployment, and what comes back: exports of all machines, and fixtures."""
