"""The topology of docker-compose.yaml as processes of this machine, without Docker: from Debian's packages."""
