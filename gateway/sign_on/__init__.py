"""Sign-on through the province's applications: 浙里办 for residents, 浙政钉 for officials. No personal data is kept."""
