"""Accounts beside the incidents that they may be of."""
