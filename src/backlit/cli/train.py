"""`backlit train DATA`: one network or a population, watched while it trains, then looked into.

Here the options are declared; `_asked.py` reads their words, and `_training.py` does the rest once all can be read.
"""

from typing import Annotated

import typer

from backlit.backend import require_backend
from backlit.cli._asked import read_words
from backlit.language import text

_DATA, _MODEL, _TRAINING = str(text("Data")), str(text("Model")), str(text("Training"))
_POPULATION, _RESULT = str(text("Population")), str(text("Result"))

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help=str(text("A name (digits, iris, moons, …), a .csv, .parquet or .npz file, or a folder of pictures.")),
    ),
]
Target = Annotated[
    str | None, typer.Option(metavar="COL", help=str(text("The column to predict.")), rich_help_panel=_DATA)
]
Drop = Annotated[
    list[str] | None,
    typer.Option(metavar="COL", help=str(text("A column to leave out; may be repeated.")), rich_help_panel=_DATA),
]
Task = Annotated[
    str | None,
    typer.Option(
        metavar="TASK",
        help=str(text("classification or regression; else told from the target column.")),
        rich_help_panel=_DATA,
    ),
]
ValidationSplit = Annotated[
    str | None,
    typer.Option(
        metavar="FRAC", help=str(text("Part of the rows that chooses between members.")), rich_help_panel=_DATA
    ),
]
TestSplit = Annotated[
    str | None,
    typer.Option(metavar="FRAC", help=str(text("Part of the rows kept for the last score.")), rich_help_panel=_DATA),
]
DataOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help=str(text("Another option of the data, such as n=500, noise=0.2 or size=32; may be repeated.")),
        rich_help_panel=_DATA,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL",
        help=str(text("mlp:64,64, cnn:16,32, lstm:32, embedding:16, FILE.keras, FILE.py:NAME; else by the data.")),
        rich_help_panel=_MODEL,
    ),
]
Dropout = Annotated[
    str | None,
    typer.Option(metavar="RATE", help=str(text("Part of the neurons dropped in each step.")), rich_help_panel=_MODEL),
]
Reinitialise = Annotated[
    bool,
    typer.Option("--reinitialise", help=str(text("Draw the weights of a saved model anew.")), rich_help_panel=_MODEL),
]
Epochs = Annotated[
    str, typer.Option(metavar="N", help=str(text("Passes over the training rows.")), rich_help_panel=_TRAINING)
]
BatchSize = Annotated[str, typer.Option(metavar="N", help=str(text("Rows of one step.")), rich_help_panel=_TRAINING)]
LearningRate = Annotated[
    str | None,
    typer.Option(metavar="X", help=str(text("Step size; 0.1,0.01 trains both.")), rich_help_panel=_TRAINING),
]
Optimizer = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=str(text("adam, sgd, rmsprop, …")), rich_help_panel=_TRAINING),
]
Momentum = Annotated[
    str | None,
    typer.Option(metavar="X", help=str(text("Of sgd and rmsprop.")), rich_help_panel=_TRAINING),
]
Loss = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=str(text("A loss of Keras; else by the task.")), rich_help_panel=_TRAINING),
]
L1 = Annotated[
    str | None,
    typer.Option("--l1", metavar="X", help=str(text("Penalty on the size of the weights.")), rich_help_panel=_TRAINING),
]
L2 = Annotated[
    str | None,
    typer.Option(
        "--l2", metavar="X", help=str(text("Penalty on the square of the weights.")), rich_help_panel=_TRAINING
    ),
]
WeightDecay = Annotated[
    str | None,
    typer.Option(metavar="X", help=str(text("Shrinking of the weights in each step.")), rich_help_panel=_TRAINING),
]
Clipnorm = Annotated[
    str | None,
    typer.Option(metavar="X", help=str(text("Longest gradient of one weight tensor.")), rich_help_panel=_TRAINING),
]
EarlyStopping = Annotated[
    str | None,
    typer.Option(
        metavar="N",
        help=str(text("Stop a member after N epochs without a better validation loss.")),
        rich_help_panel=_TRAINING,
    ),
]
Augment = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help=str(
            text("Change training images anew in every step: rotation=15,flip_horizontal=0.5, …; may be repeated.")
        ),
        rich_help_panel=_TRAINING,
    ),
]
Probes = Annotated[
    bool,
    typer.Option(
        "--probes",
        help=str(text("Measure inside every layer while it trains; `backlit report` shows it.")),
        rich_help_panel=_TRAINING,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help=str(text("Any other number of the optimiser, such as beta_1=0.8,0.9; may be repeated.")),
        rich_help_panel=_TRAINING,
    ),
]
Seeds = Annotated[
    str,
    typer.Option(metavar="N", help=str(text("How many seeds; 3,5,7 are these three.")), rich_help_panel=_POPULATION),
]
Seed = Annotated[str, typer.Option(metavar="N", help=str(text("The first seed.")), rich_help_panel=_POPULATION)]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=A,B",
        help=str(
            text("Arguments of the model, such as units=16,64, depth=1,2 or activation=relu,tanh; may be repeated.")
        ),
        rich_help_panel=_POPULATION,
    ),
]
Zip = Annotated[
    list[str] | None,
    typer.Option(
        "--zip",
        metavar="'A=…;B=…'",
        help=str(text("Lists that vary side by side: learning_rate=0.1,0.01;momentum=0,0.9.")),
        rich_help_panel=_POPULATION,
    ),
]
NoSave = Annotated[bool, typer.Option("--no-save", help=str(text("Do not keep the run.")), rich_help_panel=_RESULT)]
Checkpoint = Annotated[
    str | None,
    typer.Option(
        metavar="SECONDS",
        help=str(text("Seconds to the first checkpoint, and between two; off for none.")),
        rich_help_panel=_RESULT,
    ),
]
SaveModel = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.keras", help=str(text("Write the best member as a Keras model.")), rich_help_panel=_RESULT
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help=str(text("Print only score and name of the run.")), rich_help_panel=_RESULT),
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command(
        "train",
        help=str(text("Train a network, or many at once: where a number goes, give several with commas between.")),
    )(train)


def train(
    data: Data,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    validation_split: ValidationSplit = None,
    test_split: TestSplit = None,
    data_option: DataOption = None,
    model: Model = None,
    dropout: Dropout = None,
    reinitialise: Reinitialise = False,
    epochs: Epochs = "20",
    batch_size: BatchSize = "32",
    learning_rate: LearningRate = None,
    optimizer: Optimizer = None,
    momentum: Momentum = None,
    loss: Loss = None,
    l1: L1 = None,
    l2: L2 = None,
    weight_decay: WeightDecay = None,
    clipnorm: Clipnorm = None,
    early_stopping: EarlyStopping = None,
    augment: Augment = None,
    probes: Probes = False,
    set_: Set = None,
    seeds: Seeds = "1",
    seed: Seed = "0",
    vary: Vary = None,
    zip_: Zip = None,
    no_save: NoSave = False,
    checkpoint: Checkpoint = None,
    save_model: SaveModel = None,
    quiet: Quiet = False,
) -> int:
    """Reads what stands behind the options, then trains and reports."""
    words = locals()
    require_backend()
    asked = read_words(words)

    from backlit.cli._training import train_and_report

    return train_and_report(
        asked.source,
        loading=asked.loading,
        model_words=asked.model_words,
        fitting=asked.fitting,
        varied=asked.varied,
        zipped_lists=asked.zipped_lists,
        save_model=asked.save_model,
        is_quiet=asked.is_quiet,
    )
