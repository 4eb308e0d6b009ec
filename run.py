"""The portal's entry point: `flask --app run portal ...` for commands, `python run.py` to serve."""

import os

from waitress import serve

from app.factory import create_app

app = create_app()

if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8080"))
    serve(app, host=os.environ.get("HOST", "127.0.0.1"), port=port, threads=8)
