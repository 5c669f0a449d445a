"""The one WebSocket, and what tells it that there is news."""
