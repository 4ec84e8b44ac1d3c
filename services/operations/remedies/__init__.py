"""Remedies 补短板: from the list to a plan with a budget, to an audit by another hand that it is really fixed."""
