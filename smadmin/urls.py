from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("capabilities.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "capabilities.views.errors.server_error"
