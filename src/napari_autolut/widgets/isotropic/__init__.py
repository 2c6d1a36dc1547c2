"""The Make isotropic dock: a stack in, a stack with as many slices as its pixels ask for out.

Lives here: the dock, its fields and its preview. Not here: what is learned and computed
(``isotropic``).
"""
