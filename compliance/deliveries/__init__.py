"""The way out: what a receiver is sent, how it is signed, and the one door through which it leaves."""
