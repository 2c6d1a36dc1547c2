"""The shell command ``napari-autolut``, one file for each sub-command.

Lives here: options, what is printed and the exit status. Not here: anything another program could
use; that is in the package a command calls.
"""
