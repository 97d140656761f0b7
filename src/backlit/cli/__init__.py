"""The command `backlit`. One file a command: a module here whose name has no `_` in front, with `register(app)`.

    def register(app: typer.Typer) -> None:
        app.command("greet", help=str(text("Say hello.")))(greet)

Help is written in English through `text`, at import; the words of the chosen language are put in when it is shown.
Command modules import nothing heavy at their top: `backlit --help` reads them all.
"""
