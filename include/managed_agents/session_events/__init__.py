"""Session events, as clients use them: listed, sent and streamed. `session_log` keeps them."""
