"""The control catalogue: what frameworks ask, and which evidence of the portal answers it for an AI system.

The portal shows evidence and gaps. Whether a duty is met is for people to judge; nothing here says that it is.
"""
