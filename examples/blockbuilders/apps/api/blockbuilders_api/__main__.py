"""Serves the API where Fairway says: `python3 -m blockbuilders_api`."""

import os

import uvicorn

from blockbuilders_api.main import app

uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "8000")))
