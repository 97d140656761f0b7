"""`backlit cluster DATA`: rows that lie near each other, on the inputs, a layer of a run, or an autoencoder's code."""

from pathlib import Path
from typing import Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.errors import SettingError
from backlit.language import text

MOST_CLASSES = 12  # of the table of clusters and classes

_CLUSTERS = str(text("Clusters"))
K = Annotated[
    str | None,
    typer.Option(
        "--k", metavar="N", help=str(text("How many clusters; of 2,3,4 the silhouette chooses, else of 2 to 10.")),
        rich_help_panel=_CLUSTERS,
    ),
]  # fmt: skip
On = Annotated[
    str | None,
    typer.Option(
        metavar="WHAT", help=str(text("inputs, code (trains an autoencoder first), or a layer of the run.")),
        rich_help_panel=_CLUSTERS,
    ),
]  # fmt: skip
Run = Annotated[
    str | None,
    typer.Option(metavar="RUN", help=str(text("The run whose best member is looked into.")), rich_help_panel=_CLUSTERS),
]
Code = Annotated[
    str,
    typer.Option(metavar="N", help=str(text("Numbers in the autoencoder's code.")), rich_help_panel=_CLUSTERS),
]
Split = Annotated[
    str,
    typer.Option(metavar="ROWS", help=str(text("train, validation, test or all.")), rich_help_panel=_CLUSTERS),
]
Out = Annotated[
    str | None,
    typer.Option(metavar="FILE.csv", help=str(text("Write the cluster of each row.")), rich_help_panel=_CLUSTERS),
]

_KEPT = (
    "data",
    "target",
    "drop",
    "task",
    "validation_split",
    "test_split",
    "data_option",
    "epochs",
    "seed",
    "no_save",
    "quiet",
)


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    import inspect

    from backlit.cli.train import train

    without = [name for name in inspect.signature(train).parameters if name not in _KEPT]
    app.command(
        "cluster",
        help=str(text("Find rows that lie near each other, and see how clusters and classes agree.")),
    )(mode_command(cluster, without=without))


def cluster(
    asked: Asked,
    k: K = None,
    on: On = None,
    run: Run = None,
    code: Code = "16",
    split: Split = "train",
    out: Out = None,
) -> int:
    """Reads the options of its own, finds clusters, prints."""
    ks = _values.numbers("--k", k, whole=True)
    size = _values.numbers("--code", code, whole=True)

    from backlit.backend import require_backend
    from backlit.cli._report import make_console, print_line, print_lines
    from backlit.data import load

    if out is not None:
        _require_writable(out)
    console = make_console()
    data = load(asked.source, **asked.loading)
    if not asked.is_quiet:
        print_lines(console, data.describe())
    source: Any = data
    if run is not None:
        require_backend()
        from backlit.store import open_run

        source = open_run(run)
    elif on == "code":
        trained = _trained(console, data, asked, size)
        if trained is None:
            from backlit.cli._errors import STOPPED

            return STOPPED
        source = trained

    from backlit.modes import cluster as mode

    found = mode(source, on=on, k=ks, data=data, split=split, seed=asked.fitting["seed"])
    if asked.is_quiet:
        print_lines(console, found.lines()[-1:])
    else:
        _print(console, found)
    if out is not None:
        import polars as pl

        pl.DataFrame({"row": found.rows + 1, "cluster": found.labels}).write_csv(Path(out).expanduser())
        print_line(console, text("{n} rows written to {path}.", n=len(found.rows), path=out))
    return 0


def _require_writable(path: str) -> None:
    """Looks at the place before anything is done.

    Raises:
        SettingError: If the folder is missing, or the path is a folder.
    """
    place = Path(path).expanduser()
    if place.is_dir() or not place.parent.is_dir():
        raise SettingError(
            "out-path",
            what=text("Reading `{option}`", option="--out"),
            expected=text("a file in an existing folder"),
            received=text("`{path}`", path=path),
            fix=text("Write for example `{option} {value}`.", option="--out", value="clusters.csv"),
        )


def _trained(console: Any, data: Any, asked: Asked, size: int) -> Any:
    """An autoencoder of the data; None after Ctrl-C."""
    from backlit.cli._training import progress_of, tell_stop
    from backlit.modes import autoencoder

    own = {name: asked.fitting[name] for name in ("epochs", "seed", "save")}
    try:
        with progress_of(console, is_quiet=asked.is_quiet) as shown:
            return autoencoder(data, code=size, verbose=False, on_progress=shown, **own)
    except KeyboardInterrupt as stop:
        tell_stop(stop)
        return None


def _print(console: Any, found: Any) -> None:
    """Numbers of clusters that were tried, clusters against classes, and what they say."""
    from backlit.cli._modes import plain_heads, print_table
    from backlit.cli._report import print_lines

    if len(found.scores) > 1:
        heads = [
            text("clusters"),
            text("silhouette"),
            text("smallest"),
            *([text("purity")] if found.counts is not None else []),
        ]
        names = ["k", "silhouette", "smallest", *(["purity"] if found.counts is not None else [])]
        print_table(console, heads, found.scores.select(names).rows())
    table = found.contingency
    if table is not None and len(found.class_names) <= MOST_CLASSES:
        print_table(console, [text("cluster"), *plain_heads(table.columns[1:])], table.rows())
    console.print()
    print_lines(console, found.lines())
