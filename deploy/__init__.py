"""How Linli is run: on a bare machine, in containers, on Kubernetes."""
