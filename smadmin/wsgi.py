"""What a WSGI server such as gunicorn serves: `gunicorn smadmin.wsgi`."""

import logging
import os

from django.core.checks import run_checks
from django.core.wsgi import get_wsgi_application

# Whoever serves this module serves other people, so it is production unless told otherwise.
os.environ.setdefault("SMADMIN_PRODUCTION", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smadmin.settings")

application = get_wsgi_application()

# `manage.py` refuses to start with a setting that is wrong; here the pages that need it tell it.
for problem in run_checks(tags=["smadmin"]):
    logging.getLogger("smadmin").error(problem)
