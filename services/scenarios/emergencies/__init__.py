"""Emergency mode 平战结合: a plan approved in peace, one command to take spaces over, and a way back."""
