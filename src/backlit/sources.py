"""Where data sets, formulas and thresholds come from.

A docstring's `Source:` section names a key of this table, and so does `Dataset.source`.
One entry is one paper, book section or page that a reader can open; the exact place
(section, equation, figure) stands beside it, so that a claim can be looked up.

    >>> print(cite("fisher-1936"))
    R. A. Fisher (1936). The use of multiple measurements in taxonomic problems. Annals of Eugenics 7(2)

Not for our own measurements: those are written `ours: benchmarks/...` where they are used.
"""

from dataclasses import dataclass

from backlit.errors import SettingError, did_you_mean
from backlit.language import text


@dataclass(frozen=True)
class Source:
    """One publication, with the place in it that is meant.

    Attributes:
        authors: As printed, shortened with "and others" from five names on.
        year: Of publication.
        title: Of the paper, chapter or page.
        where: Journal, volume and the section or equation that is meant.
        url: An address that needs no account, or "".
    """

    authors: str
    year: int
    title: str
    where: str
    url: str = ""


SOURCES: dict[str, Source] = {
    # Data sets
    "alpaydin-kaynak-1998": Source(
        "E. Alpaydin, C. Kaynak",
        1998,
        "Optical recognition of handwritten digits",
        "UCI machine learning repository; the 1,797 test images, as scikit-learn carries them",
        "https://doi.org/10.24432/C50P49",
    ),
    "fisher-1936": Source(
        "R. A. Fisher",
        1936,
        "The use of multiple measurements in taxonomic problems",
        "Annals of Eugenics 7(2)",
        "https://doi.org/10.1111/j.1469-1809.1936.tb02137.x",
    ),
    "aeberhard-forina-1991": Source(
        "S. Aeberhard, M. Forina",
        1991,
        "Wine",
        "UCI machine learning repository",
        "https://doi.org/10.24432/C5PC7J",
    ),
    "street-1993": Source(
        "W. N. Street, W. H. Wolberg, O. L. Mangasarian",
        1993,
        "Nuclear feature extraction for breast tumor diagnosis",
        "Proc. SPIE 1905",
        "https://doi.org/10.24432/C5DW2B",
    ),
    "efron-2004": Source(
        "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani",
        2004,
        "Least angle regression",
        "Annals of Statistics 32(2), section 1, table 1 (the diabetes study)",
        "https://arxiv.org/abs/math/0406456",
    ),
    "tenenhaus-1998": Source(
        "M. Tenenhaus",
        1998,
        "La régression PLS: théorie et pratique",
        "Technip, Paris; the Linnerud exercise data",
    ),
    "xiao-2017": Source(
        "H. Xiao, K. Rasul, R. Vollgraf",
        2017,
        "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
        "arXiv:1708.07747",
        "https://arxiv.org/abs/1708.07747",
    ),
    "lang-witbrock-1988": Source(
        "K. J. Lang, M. J. Witbrock",
        1988,
        "Learning to tell two spirals apart",
        "Proc. Connectionist Models Summer School",
    ),
    "minsky-papert-1969": Source(
        "M. Minsky, S. Papert",
        1969,
        "Perceptrons",
        "MIT Press (exclusive or is the smallest parity problem)",
    ),
    "pedregosa-2011": Source(
        "F. Pedregosa and others",
        2011,
        "Scikit-learn: machine learning in Python",
        "JMLR 12; module sklearn.datasets (moons, circles, blobs)",
        "https://jmlr.org/papers/v12/pedregosa11a.html",
    ),
    "hochreiter-schmidhuber-1997": Source(
        "S. Hochreiter, J. Schmidhuber",
        1997,
        "Long short-term memory",
        "Neural Computation 9(8), section 5.4 (the adding problem)",
        "https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    "le-2015": Source(
        "Q. V. Le, N. Jaitly, G. E. Hinton",
        2015,
        "A simple way to initialize recurrent networks of rectified linear units",
        "arXiv:1504.00941, section 4.1 (adding problem with values in 0..1)",
        "https://arxiv.org/abs/1504.00941",
    ),
    # Method
    "kohavi-1995": Source(
        "R. Kohavi",
        1995,
        "A study of cross-validation and bootstrap for accuracy estimation and model selection",
        "IJCAI, section 2.1 (hold-out), section 2.2 (stratification)",
    ),
    "tijdeman-1980": Source(
        "R. Tijdeman",
        1980,
        "The chairman assignment problem",
        "Discrete Mathematics 32(3), section 2",
        "https://doi.org/10.1016/0012-365X(80)90269-1",
    ),
    "breiman-1996": Source(
        "L. Breiman",
        1996,
        "Bagging predictors",
        "Machine Learning 24(2), section 1",
        "https://doi.org/10.1007/BF00058655",
    ),
    "rumelhart-1986": Source(
        "D. E. Rumelhart, G. E. Hinton, R. J. Williams",
        1986,
        "Learning representations by back-propagating errors",
        "Nature 323, equations 1-9",
        "https://doi.org/10.1038/323533a0",
    ),
    "lecun-1998": Source(
        "Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller",
        1998,
        "Efficient backprop",
        "Neural Networks: Tricks of the Trade, LNCS 1524",
    ),
    "lavin2016": Source(
        "A. Lavin, S. Gray",
        2016,
        "Fast algorithms for convolutional neural networks",
        "CVPR",
        "https://doi.org/10.1109/CVPR.2016.435",
    ),
    "prechelt1998": Source(
        "L. Prechelt",
        1998,
        "Early stopping - but when?",
        "Neural Networks: Tricks of the Trade, LNCS 1524",
        "https://doi.org/10.1007/3-540-49430-8_3",
    ),
    "glorot-bengio-2010": Source(
        "X. Glorot, Y. Bengio",
        2010,
        "Understanding the difficulty of training deep feedforward neural networks",
        "AISTATS, PMLR 9, equation 16",
        "https://proceedings.mlr.press/v9/glorot10a.html",
    ),
    "sutskever-2013": Source(
        "I. Sutskever, J. Martens, G. Dahl, G. Hinton",
        2013,
        "On the importance of initialization and momentum in deep learning",
        "ICML, PMLR 28",
        "https://proceedings.mlr.press/v28/sutskever13.html",
    ),
    "pascanu-2013": Source(
        "R. Pascanu, T. Mikolov, Y. Bengio",
        2013,
        "On the difficulty of training recurrent neural networks",
        "ICML, PMLR 28, algorithm 1 (clipping by norm)",
        "https://arxiv.org/abs/1211.5063",
    ),
    "he-2015": Source(
        "K. He, X. Zhang, S. Ren, J. Sun",
        2015,
        "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification",
        "ICCV, section 2.2",
        "https://arxiv.org/abs/1502.01852",
    ),
    "loshchilov-hutter-2019": Source(
        "I. Loshchilov, F. Hutter",
        2019,
        "Decoupled weight decay regularization",
        "ICLR, algorithm 2 (AdamW)",
        "https://arxiv.org/abs/1711.05101",
    ),
    "cs231n-nn2": Source(
        "A. Karpathy and others",
        2015,
        "CS231n: neural networks part 2",
        'section "Data preprocessing" (statistics of the training data only)',
        "https://cs231n.github.io/neural-networks-2/",
    ),
    "cs231n-nn3": Source(
        "A. Karpathy and others",
        2015,
        "CS231n: neural networks part 3",
        'section "Babysitting the learning process"',
        "https://cs231n.github.io/neural-networks-3/",
    ),
    # Lessons
    "cauchy-1847": Source(
        "A. Cauchy",
        1847,
        "Méthode générale pour la résolution des systèmes d'équations simultanées",
        "Comptes rendus de l'Académie des sciences 25 (steps against the gradient)",
    ),
    "mcculloch-pitts-1943": Source(
        "W. S. McCulloch, W. Pitts",
        1943,
        "A logical calculus of the ideas immanent in nervous activity",
        "Bulletin of Mathematical Biophysics 5",
        "https://doi.org/10.1007/BF02478259",
    ),
    "robbins-monro-1951": Source(
        "H. Robbins, S. Monro",
        1951,
        "A stochastic approximation method",
        "Annals of Mathematical Statistics 22(3)",
        "https://doi.org/10.1214/aoms/1177729586",
    ),
    "rosenblatt-1958": Source(
        "F. Rosenblatt",
        1958,
        "The perceptron: a probabilistic model for information storage and organization in the brain",
        "Psychological Review 65(6)",
        "https://doi.org/10.1037/h0042519",
    ),
    "bridle-1990": Source(
        "J. S. Bridle",
        1990,
        "Probabilistic interpretation of feedforward classification network outputs",
        "Neurocomputing, NATO ASI Series 68 (the name softmax)",
        "https://doi.org/10.1007/978-3-642-76153-9_28",
    ),
    "okabe-ito-2008": Source(
        "M. Okabe, K. Ito",
        2008,
        "Color universal design: how to make figures and presentations that are friendly to colorblind people",
        "web page of the Jikei University School of Medicine, section 3",
        "https://jfly.uni-koeln.de/color/",
    ),
    "nair-hinton-2010": Source(
        "V. Nair, G. E. Hinton",
        2010,
        "Rectified linear units improve restricted Boltzmann machines",
        "ICML",
    ),
    "bengio-2012": Source(
        "Y. Bengio",
        2012,
        "Practical recommendations for gradient-based training of deep architectures",
        "Neural Networks: Tricks of the Trade, second edition, section 3.1.1 (the rate matters most)",
        "https://arxiv.org/abs/1206.5533",
    ),
    "goodfellow-2015": Source(
        "I. J. Goodfellow, O. Vinyals, A. M. Saxe",
        2015,
        "Qualitatively characterizing neural network optimization problems",
        "ICLR, section 3 (loss along the line from first to last weights)",
        "https://arxiv.org/abs/1412.6544",
    ),
    "bellman-kalaba-1960": Source(
        "R. Bellman, R. Kalaba",
        1960,
        "On kth best policies",
        "Journal of the Society for Industrial and Applied Mathematics 8(4)",
    ),
    "bengio-2013": Source(
        "Y. Bengio, N. Boulanger-Lewandowski, R. Pascanu",
        2013,
        "Advances in optimizing recurrent networks",
        "ICASSP, section 3.5 (Nesterov's momentum)",
        "https://arxiv.org/abs/1212.0901",
    ),
    "li-2018": Source(
        "H. Li, Z. Xu, G. Taylor, C. Studer, T. Goldstein",
        2018,
        "Visualizing the loss landscape of neural nets",
        "NeurIPS, section 4 (filter-wise normalisation), section 7 (paths)",
        "https://arxiv.org/abs/1712.09913",
    ),
    "kingma-2015": Source(
        "D. P. Kingma, J. Ba",
        2015,
        "Adam: a method for stochastic optimization",
        "ICLR, algorithm 1",
        "https://arxiv.org/abs/1412.6980",
    ),
    "goodfellow-2016": Source(
        "I. Goodfellow, Y. Bengio, A. Courville",
        2016,
        "Deep learning",
        "MIT Press, section 4.3 (gradient descent), section 8.1.3 (batches), section 11.4.1 (the rate)",
        "https://www.deeplearningbook.org/",
    ),
    "smith-2017": Source(
        "L. N. Smith",
        2017,
        "Cyclical learning rates for training neural networks",
        "WACV, section 3.3 (the range test)",
        "https://arxiv.org/abs/1506.01186",
    ),
    "bottou-2018": Source(
        "L. Bottou, F. E. Curtis, J. Nocedal",
        2018,
        "Optimization methods for large-scale machine learning",
        "SIAM Review 60(2), section 4",
        "https://arxiv.org/abs/1606.04838",
    ),
    # Modes
    "student-1908": Source(
        "Student (W. S. Gosset)",
        1908,
        "The probable error of a mean",
        "Biometrika 6(1)",
        "https://doi.org/10.1093/biomet/6.1.1",
    ),
    "cortes-1994": Source(
        "C. Cortes, L. D. Jackel, S. A. Solla, V. Vapnik, J. S. Denker",
        1994,
        "Learning curves: asymptotic values and rate of convergence",
        "Advances in Neural Information Processing Systems 6 (error as a power law of the rows, with an asymptote)",
        "https://proceedings.neurips.cc/paper/1993/hash/1aa48fc4880bb0c9b8a3bf979d3b917e-Abstract.html",
    ),
    "freund-schapire-1997": Source(
        "Y. Freund, R. E. Schapire",
        1997,
        "A decision-theoretic generalization of on-line learning and an application to boosting",
        "Journal of Computer and System Sciences 55(1), section 4",
        "https://doi.org/10.1006/jcss.1997.1504",
    ),
    "nadeau-bengio-2003": Source(
        "C. Nadeau, Y. Bengio",
        2003,
        "Inference for the generalization error",
        "Machine Learning 52(3)",
        "https://doi.org/10.1023/A:1024068626366",
    ),
    "bouckaert-frank-2004": Source(
        "R. R. Bouckaert, E. Frank",
        2004,
        "Evaluating the replicability of significance tests for comparing learning algorithms",
        "Advances in Knowledge Discovery and Data Mining (PAKDD)",
        "https://doi.org/10.1007/978-3-540-24775-3_3",
    ),
    "bengio-grandvalet-2004": Source(
        "Y. Bengio, Y. Grandvalet",
        2004,
        "No unbiased estimator of the variance of k-fold cross-validation",
        "Journal of Machine Learning Research 5",
        "https://www.jmlr.org/papers/v5/grandvalet04a.html",
    ),
    "zhu-2009": Source(
        "J. Zhu, H. Zou, S. Rosset, T. Hastie",
        2009,
        "Multi-class AdaBoost",
        "Statistics and Its Interface 2(3), algorithm 2 (SAMME)",
        "https://doi.org/10.4310/SII.2009.v2.n3.a8",
    ),
    "bergstra-bengio-2012": Source(
        "J. Bergstra, Y. Bengio",
        2012,
        "Random search for hyper-parameter optimization",
        "Journal of Machine Learning Research 13",
        "https://www.jmlr.org/papers/v13/bergstra12a.html",
    ),
    "jamieson-talwalkar-2016": Source(
        "K. Jamieson, A. Talwalkar",
        2016,
        "Non-stochastic best arm identification and hyperparameter optimization",
        "AISTATS, PMLR 51",
        "https://proceedings.mlr.press/v51/jamieson16.html",
    ),
    "hestness-2017": Source(
        "J. Hestness and others",
        2017,
        "Deep learning scaling is predictable, empirically",
        "arXiv:1712.00409",
        "https://arxiv.org/abs/1712.00409",
    ),
    # Augmentation
    "shorten-khoshgoftaar-2019": Source(
        "C. Shorten, T. M. Khoshgoftaar",
        2019,
        "A survey on image data augmentation for deep learning",
        "Journal of Big Data 6, 60",
        "https://doi.org/10.1186/s40537-019-0197-0",
    ),
    "simard-2003": Source(
        "P. Y. Simard, D. Steinkraus, J. C. Platt",
        2003,
        "Best practices for convolutional neural networks applied to visual document analysis",
        "ICDAR, section 2: expanding the training set",
        "https://doi.org/10.1109/ICDAR.2003.1227801",
    ),
    "zhang-2018-mixup": Source(
        "H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz",
        2018,
        "mixup: Beyond empirical risk minimization",
        "ICLR, equation 1",
        "https://arxiv.org/abs/1710.09412",
    ),
    "devries-taylor-2017": Source(
        "T. DeVries, G. W. Taylor",
        2017,
        "Improved regularization of convolutional neural networks with cutout",
        "arXiv, section 3.2",
        "https://arxiv.org/abs/1708.04552",
    ),
    "appleby-2016": Source(
        "A. Appleby",
        2016,
        "SMHasher: MurmurHash3",
        "public domain; fmix32",
        "https://github.com/aappleby/smhasher",
    ),
    "smith-1978": Source(
        "A. R. Smith",
        1978,
        "Color gamut transform pairs",
        "SIGGRAPH: hue, saturation, value",
        "https://doi.org/10.1145/965139.807361",
    ),
    "samuel-1959": Source(
        "A. L. Samuel",
        1959,
        "Some studies in machine learning using the game of checkers",
        "IBM Journal of Research and Development 3(3)",
        "https://doi.org/10.1147/rd.33.0210",
    ),
    "mitchell-1997": Source(
        "T. M. Mitchell",
        1997,
        "Machine learning",
        "McGraw-Hill, section 1.1 (experience, task, measure)",
    ),
    "lecun-2015": Source(
        "Y. LeCun, Y. Bengio, G. Hinton",
        2015,
        "Deep learning",
        "Nature 521",
        "https://doi.org/10.1038/nature14539",
    ),
    "cybenko-1989": Source(
        "G. Cybenko",
        1989,
        "Approximation by superpositions of a sigmoidal function",
        "Mathematics of Control, Signals and Systems 2(4), theorem 2",
        "https://doi.org/10.1007/BF02551274",
    ),
    "telgarsky-2016": Source(
        "M. Telgarsky",
        2016,
        "Benefits of depth in neural networks",
        "COLT, PMLR 49, theorem 1.1",
        "https://arxiv.org/abs/1602.04485",
    ),
    "alain-bengio-2017": Source(
        "G. Alain, Y. Bengio",
        2017,
        "Understanding intermediate layers using linear classifier probes",
        "ICLR workshop",
        "https://arxiv.org/abs/1610.01644",
    ),
    "guo-2017": Source(
        "C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger",
        2017,
        "On calibration of modern neural networks",
        "ICML, PMLR 70, section 2 (expected calibration error), section 4.2 (temperature scaling)",
        "https://arxiv.org/abs/1706.04599",
    ),
    "hendrycks-gimpel-2017": Source(
        "D. Hendrycks, K. Gimpel",
        2017,
        "A baseline for detecting misclassified and out-of-distribution examples in neural networks",
        "ICLR",
        "https://arxiv.org/abs/1610.02136",
    ),
    "hein-2019": Source(
        "M. Hein, M. Andriushchenko, J. Bitterwolf",
        2019,
        "Why ReLU networks yield high-confidence predictions far away from the training data and how to mitigate it",
        "CVPR, theorem 3.1",
        "https://arxiv.org/abs/1812.05720",
    ),
    "angluin-laird-1988": Source(
        "D. Angluin, P. Laird",
        1988,
        "Learning from noisy examples",
        "Machine Learning 2(4)",
        "https://doi.org/10.1007/BF00116829",
    ),
    "zhang-2017": Source(
        "C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals",
        2017,
        "Understanding deep learning requires rethinking generalization",
        "ICLR, section 2 (random labels)",
        "https://arxiv.org/abs/1611.03530",
    ),
    "arpit-2017": Source(
        "D. Arpit and others",
        2017,
        "A closer look at memorization in deep networks",
        "ICML, PMLR 70",
        "https://arxiv.org/abs/1706.05394",
    ),
    "rolnick-2017": Source(
        "D. Rolnick, A. Veit, S. Belongie, N. Shavit",
        2017,
        "Deep learning is robust to massive label noise",
        "arXiv:1705.10694",
        "https://arxiv.org/abs/1705.10694",
    ),
    # Probes
    "krogh-hertz-1991": Source(
        "A. Krogh, J. A. Hertz",
        1991,
        "A simple weight decay can improve generalization",
        "Advances in Neural Information Processing Systems 4",
        "https://proceedings.neurips.cc/paper/1991/hash/8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html",
    ),
    "schraudolph-1999": Source(
        "N. N. Schraudolph",
        1999,
        "Local gain adaptation in stochastic gradient descent",
        "International Conference on Artificial Neural Networks (ICANN)",
        "https://doi.org/10.1049/cp:19991170",
    ),
    "micikevicius-2018": Source(
        "P. Micikevicius and others",
        2018,
        "Mixed precision training",
        "International Conference on Learning Representations (ICLR)",
        "https://arxiv.org/abs/1710.03740",
    ),
    "jastrzebski-2019": Source(
        "S. Jastrzębski and others",
        2019,
        "On the relation between the sharpest directions of DNN loss and the SGD step length",
        "International Conference on Learning Representations (ICLR)",
        "https://arxiv.org/abs/1807.05031",
    ),
    "lu-2020": Source(
        "L. Lu, Y. Shin, Y. Su, G. E. Karniadakis",
        2020,
        "Dying ReLU and initialization: theory and numerical examples",
        "Communications in Computational Physics 28(5); first as arXiv:1903.06733",
        "https://arxiv.org/abs/1903.06733",
    ),
    "hochreiter-1991": Source(
        "S. Hochreiter",
        1991,
        "Untersuchungen zu dynamischen neuronalen Netzen",
        "Diploma thesis, Technische Universität München, chapter 4 (errors that vanish or blow up)",
        "https://people.idsia.ch/~juergen/SeppHochreiter1991ThesisAdvisorSchmidhuber.pdf",
    ),
    "bengio-1994": Source(
        "Y. Bengio, P. Simard, P. Frasconi",
        1994,
        "Learning long-term dependencies with gradient descent is difficult",
        "IEEE Transactions on Neural Networks 5(2)",
        "https://doi.org/10.1109/72.279181",
    ),
    "ioffe-szegedy-2015": Source(
        "S. Ioffe, C. Szegedy",
        2015,
        "Batch normalization: accelerating deep network training by reducing internal covariate shift",
        "ICML, PMLR 37, algorithms 1 and 2",
        "https://arxiv.org/abs/1502.03167",
    ),
    "he-2016": Source(
        "K. He, X. Zhang, S. Ren, J. Sun",
        2016,
        "Deep residual learning for image recognition",
        "CVPR, section 3.2 (a layer adds to what it was given)",
        "https://arxiv.org/abs/1512.03385",
    ),
    "goyal-2017": Source(
        "P. Goyal and others",
        2017,
        "Accurate, large minibatch SGD: training ImageNet in 1 hour",
        "arXiv:1706.02677, section 2.1 (linear scaling rule), section 2.2 (warmup)",
        "https://arxiv.org/abs/1706.02677",
    ),
    "hoffer-2017": Source(
        "E. Hoffer, I. Hubara, D. Soudry",
        2017,
        "Train longer, generalize better: closing the generalization gap in large batch training of neural networks",
        "NIPS",
        "https://arxiv.org/abs/1705.08741",
    ),
    "keskar-2017": Source(
        "N. S. Keskar and others",
        2017,
        "On large-batch training for deep learning: generalization gap and sharp minima",
        "ICLR",
        "https://arxiv.org/abs/1609.04836",
    ),
    "mccandlish-2018": Source(
        "S. McCandlish, J. Kaplan, D. Amodei and others",
        2018,
        "An empirical model of large-batch training",
        "arXiv:1812.06162, section 2.2 (noise scale)",
        "https://arxiv.org/abs/1812.06162",
    ),
    "santurkar-2018": Source(
        "S. Santurkar, D. Tsipras, A. Ilyas, A. Madry",
        2018,
        "How does batch normalization help optimization?",
        "NeurIPS",
        "https://arxiv.org/abs/1805.11604",
    ),
    "smith-le-2018": Source(
        "S. L. Smith, Q. V. Le",
        2018,
        "A Bayesian perspective on generalization and stochastic gradient descent",
        "ICLR, section 4 (rate, batch size and noise)",
        "https://arxiv.org/abs/1710.06451",
    ),
    "shallue-2019": Source(
        "C. J. Shallue and others",
        2019,
        "Measuring the effects of data parallelism on neural network training",
        "JMLR 20(112)",
        "https://jmlr.org/papers/v20/18-789.html",
    ),
    "macqueen-1967": Source(
        "J. MacQueen",
        1967,
        "Some methods for classification and analysis of multivariate observations",
        "Proceedings of the fifth Berkeley symposium on mathematical statistics and probability 1",
    ),
    "arthur-vassilvitskii-2007": Source(
        "D. Arthur, S. Vassilvitskii",
        2007,
        "k-means++: the advantages of careful seeding",
        "SODA, section 2.2",
    ),
    "rousseeuw-1987": Source(
        "P. J. Rousseeuw",
        1987,
        "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis",
        "Journal of computational and applied mathematics 20, section 2",
        "https://doi.org/10.1016/0377-0427(87)90125-7",
    ),
    "manning-2008": Source(
        "C. D. Manning, P. Raghavan, H. Schütze",
        2008,
        "Introduction to information retrieval",
        "Cambridge University Press, section 16.3 (purity)",
        "https://nlp.stanford.edu/IR-book/",
    ),
    "baldi-hornik-1989": Source(
        "P. Baldi, K. Hornik",
        1989,
        "Neural networks and principal component analysis: learning from examples without local minima",
        "Neural networks 2(1)",
        "https://doi.org/10.1016/0893-6080(89)90014-2",
    ),
    "hinton-salakhutdinov-2006": Source(
        "G. E. Hinton, R. R. Salakhutdinov",
        2006,
        "Reducing the dimensionality of data with neural networks",
        "Science 313(5786)",
        "https://doi.org/10.1126/science.1127647",
    ),
    "lee-2013": Source(
        "D.-H. Lee",
        2013,
        "Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks",
        "ICML workshop on challenges in representation learning, section 2",
    ),
    "xie-2020": Source(
        "Q. Xie, M.-T. Luong, E. Hovy, Q. V. Le",
        2020,
        "Self-training with noisy student improves ImageNet classification",
        "CVPR, section 2 (rounds), section 3.1 (data filtering and balancing)",
        "https://arxiv.org/abs/1911.04252",
    ),
    "oliver-2018": Source(
        "A. Oliver and others",
        2018,
        "Realistic evaluation of deep semi-supervised learning algorithms",
        "NeurIPS, section 4",
        "https://arxiv.org/abs/1804.09170",
    ),
    "arazo-2020": Source(
        "E. Arazo and others",
        2020,
        "Pseudo-labeling and confirmation bias in deep semi-supervised learning",
        "IJCNN, section 1",
        "https://arxiv.org/abs/1908.02983",
    ),
    "yosinski-2014": Source(
        "J. Yosinski, J. Clune, Y. Bengio, H. Lipson",
        2014,
        "How transferable are features in deep neural networks?",
        "NeurIPS, section 2",
        "https://arxiv.org/abs/1411.1792",
    ),
    "howard-ruder-2018": Source(
        "J. Howard, S. Ruder",
        2018,
        "Universal language model fine-tuning for text classification",
        "ACL, section 3.2 (rates), section 3.3 (gradual unfreezing)",
        "https://arxiv.org/abs/1801.06146",
    ),
    "ripley-1996": Source(
        "B. D. Ripley",
        1996,
        "Pattern recognition and neural networks",
        "Cambridge University Press, glossary (training, validation and test set)",
    ),
    "cawley-talbot-2010": Source(
        "G. C. Cawley, N. L. C. Talbot",
        2010,
        "On over-fitting in model selection and subsequent selection bias in performance evaluation",
        "JMLR 11",
        "https://jmlr.org/papers/v11/cawley10a.html",
    ),
    "kaufman-2012": Source(
        "S. Kaufman, S. Rosset, C. Perlich, O. Stitelman",
        2012,
        "Leakage in data mining: formulation, detection, and avoidance",
        "ACM Transactions on Knowledge Discovery from Data 6(4)",
        "https://doi.org/10.1145/2382577.2382579",
    ),
    "kapoor-narayanan-2023": Source(
        "S. Kapoor, A. Narayanan",
        2023,
        "Leakage and the reproducibility crisis in machine-learning-based science",
        "Patterns 4(9)",
        "https://doi.org/10.1016/j.patter.2023.100804",
    ),
    "suits-1957": Source(
        "D. B. Suits",
        1957,
        "Use of dummy variables in regression equations",
        "Journal of the American Statistical Association 52(280)",
        "https://doi.org/10.1080/01621459.1957.10501412",
    ),
    "bengio-2003": Source(
        "Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin",
        2003,
        "A neural probabilistic language model",
        "JMLR 3, section 2 (a row of a table for each word)",
        "https://www.jmlr.org/papers/v3/bengio03a.html",
    ),
    "szegedy-2016": Source(
        "C. Szegedy and others",
        2016,
        "Rethinking the Inception architecture for computer vision",
        "CVPR, section 7 (label smoothing)",
        "https://arxiv.org/abs/1512.00567",
    ),
    "leshno-1993": Source(
        "M. Leshno, V. Y. Lin, A. Pinkus, S. Schocken",
        1993,
        "Multilayer feedforward networks with a nonpolynomial activation function can approximate any function",
        "Neural Networks 6(6), theorem 1",
        "https://doi.org/10.1016/S0893-6080(05)80131-5",
    ),
    "hendrycks-gimpel-2016": Source(
        "D. Hendrycks, K. Gimpel",
        2016,
        "Gaussian error linear units (GELUs)",
        "arXiv:1606.08415, section 2",
        "https://arxiv.org/abs/1606.08415",
    ),
    "elfwing-2018": Source(
        "S. Elfwing, E. Uchibe, K. Doya",
        2018,
        "Sigmoid-weighted linear units for neural network function approximation in reinforcement learning",
        "Neural Networks 107, section 2.2",
        "https://arxiv.org/abs/1702.03118",
    ),
    "lecun-1989": Source(
        "Y. LeCun, B. Boser, J. S. Denker and others",
        1989,
        "Backpropagation applied to handwritten zip code recognition",
        "Neural Computation 1(4), section 3.2 (shared weights)",
        "https://doi.org/10.1162/neco.1989.1.4.541",
    ),
    "zhang-2019": Source(
        "R. Zhang",
        2019,
        "Making convolutional networks shift-invariant again",
        "ICML, section 3 (shifts and pooling)",
        "https://arxiv.org/abs/1904.11486",
    ),
    "fukushima-1980": Source(
        "K. Fukushima",
        1980,
        "Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition "
        "unaffected by shift in position",
        "Biological Cybernetics 36(4)",
        "https://doi.org/10.1007/BF00344251",
    ),
    "prewitt-1970": Source(
        "J. M. S. Prewitt",
        1970,
        "Object enhancement and extraction",
        "Picture Processing and Psychopictorics, Academic Press (differences of neighbouring columns and rows)",
    ),
    "islam-2020": Source(
        "M. A. Islam, S. Jia, N. D. B. Bruce",
        2020,
        "How much position information do convolutional neural networks encode?",
        "ICLR (zero padding as the origin of position information)",
        "https://arxiv.org/abs/2001.08248",
    ),
    "dumoulin-visin-2016": Source(
        "V. Dumoulin, F. Visin",
        2016,
        "A guide to convolution arithmetic for deep learning",
        "arXiv:1603.07285",
        "https://arxiv.org/abs/1603.07285",
    ),
    "oord-2016": Source(
        "A. van den Oord, S. Dieleman, H. Zen and others",
        2016,
        "WaveNet: a generative model for raw audio",
        "arXiv:1609.03499, section 2.1 (causal, dilated convolution)",
        "https://arxiv.org/abs/1609.03499",
    ),
    "chollet-2017": Source(
        "F. Chollet",
        2017,
        "Xception: deep learning with depthwise separable convolutions",
        "CVPR, section 1.2",
        "https://arxiv.org/abs/1610.02357",
    ),
    "lin-2014": Source(
        "M. Lin, Q. Chen, S. Yan",
        2014,
        "Network in network",
        "ICLR, section 3.2 (global average pooling)",
        "https://arxiv.org/abs/1312.4400",
    ),
    "scherer-2010": Source(
        "D. Scherer, A. Müller, S. Behnke",
        2010,
        "Evaluation of pooling operations in convolutional architectures for object recognition",
        "ICANN, LNCS 6354",
        "https://doi.org/10.1007/978-3-642-15825-4_10",
    ),
    "linnainmaa-1976": Source(
        "S. Linnainmaa",
        1976,
        "Taylor expansion of the accumulated rounding error",
        "BIT Numerical Mathematics 16(2) (the way back through a computation)",
        "https://doi.org/10.1007/BF01931367",
    ),
    "baur-strassen-1983": Source(
        "W. Baur, V. Strassen",
        1983,
        "The complexity of partial derivatives",
        "Theoretical Computer Science 22(3) (all derivatives for a small multiple of the function's cost)",
        "https://doi.org/10.1016/0304-3975(83)90110-X",
    ),
    "baydin-2018": Source(
        "A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind",
        2018,
        "Automatic differentiation in machine learning: a survey",
        "JMLR 18(153), section 2.1 (differences), section 3.1 (forward mode), section 3.2 (reverse mode)",
        "https://www.jmlr.org/papers/v18/17-468.html",
    ),
    "solla-1988": Source(
        "S. A. Solla, E. Levin, M. Fleisher",
        1988,
        "Accelerated learning in layered neural networks",
        "Complex Systems 2(6) (cross-entropy against squared error)",
    ),
    "golik-2013": Source(
        "P. Golik, P. Doetsch, H. Ney",
        2013,
        "Cross-entropy vs. squared error training: a theoretical and experimental comparison",
        "Interspeech",
        "https://doi.org/10.21437/Interspeech.2013-436",
    ),
    "legendre-1805": Source(
        "A.-M. Legendre",
        1805,
        "Nouvelles méthodes pour la détermination des orbites des comètes",
        "Firmin Didot, appendix on the method of least squares",
    ),
    "good-1952": Source(
        "I. J. Good",
        1952,
        "Rational decisions",
        "Journal of the Royal Statistical Society B 14(1), section 8 (a fair fee for probabilities is a logarithm)",
        "https://doi.org/10.1111/j.2517-6161.1952.tb00104.x",
    ),
    "gneiting-raftery-2007": Source(
        "T. Gneiting, A. E. Raftery",
        2007,
        "Strictly proper scoring rules, prediction, and estimation",
        "Journal of the American Statistical Association 102(477)",
        "https://doi.org/10.1198/016214506000001437",
    ),
    "srivastava-2014": Source(
        "N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov",
        2014,
        "Dropout: a simple way to prevent neural networks from overfitting",
        "JMLR 15, section 4 (the model)",
        "https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    "ba-2016": Source(
        "J. L. Ba, J. R. Kiros, G. E. Hinton",
        2016,
        "Layer normalization",
        "arXiv:1607.06450, section 3",
        "https://arxiv.org/abs/1607.06450",
    ),
    "zhang-sennrich-2019": Source(
        "B. Zhang, R. Sennrich",
        2019,
        "Root mean square layer normalization",
        "NeurIPS 32, equation 4",
        "https://arxiv.org/abs/1910.07467",
    ),
    "elman-1990": Source(
        "J. L. Elman",
        1990,
        "Finding structure in time",
        "Cognitive Science 14(2), figure 2",
        "https://doi.org/10.1207/s15516709cog1402_1",
    ),
    "gers-2000": Source(
        "F. A. Gers, J. Schmidhuber, F. Cummins",
        2000,
        "Learning to forget: continual prediction with LSTM",
        "Neural Computation 12(10), section 3",
        "https://doi.org/10.1162/089976600300015015",
    ),
    "cho-2014": Source(
        "K. Cho and others",
        2014,
        "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
        "EMNLP, section 2.3",
        "https://arxiv.org/abs/1406.1078",
    ),
    "vaswani-2017": Source(
        "A. Vaswani and others",
        2017,
        "Attention is all you need",
        "NeurIPS 30, section 3.2",
        "https://arxiv.org/abs/1706.03762",
    ),
    "geman-1992": Source(
        "S. Geman, E. Bienenstock, R. Doursat",
        1992,
        "Neural networks and the bias/variance dilemma",
        "Neural Computation 4(1)",
        "https://doi.org/10.1162/neco.1992.4.1.1",
    ),
    "simonyan-zisserman-2015": Source(
        "K. Simonyan, A. Zisserman",
        2015,
        "Very deep convolutional networks for large-scale image recognition",
        "ICLR, tables 1 and 2 (layers and numbers of parameters)",
        "https://arxiv.org/abs/1409.1556",
    ),
    "pearson-1905": Source(
        "K. Pearson",
        1905,
        "On the general theory of skew correlation and non-linear regression",
        "Drapers' Company Research Memoirs, Biometric Series II (the correlation ratio)",
    ),
    "erhan-2009": Source(
        "D. Erhan, Y. Bengio, A. Courville, P. Vincent",
        2009,
        "Visualizing higher-layer features of a deep network",
        "Technical report 1341, Université de Montréal",
    ),
    "simonyan-2014": Source(
        "K. Simonyan, A. Vedaldi, A. Zisserman",
        2014,
        "Deep inside convolutional networks: visualising image classification models and saliency maps",
        "ICLR workshop, sections 2 and 3",
        "https://arxiv.org/abs/1312.6034",
    ),
    "zeiler-fergus-2014": Source(
        "M. D. Zeiler, R. Fergus",
        2014,
        "Visualizing and understanding convolutional networks",
        "ECCV, section 4",
        "https://arxiv.org/abs/1311.2901",
    ),
    "mahendran-vedaldi-2015": Source(
        "A. Mahendran, A. Vedaldi",
        2015,
        "Understanding deep image representations by inverting them",
        "CVPR (total variation as a prior of images)",
        "https://arxiv.org/abs/1412.0035",
    ),
    "yosinski-2015": Source(
        "J. Yosinski and others",
        2015,
        "Understanding neural networks through deep visualization",
        "ICML deep learning workshop, section 3",
        "https://arxiv.org/abs/1506.06579",
    ),
    "shrikumar-2016": Source(
        "A. Shrikumar, P. Greenside, A. Shcherbina, A. Kundaje",
        2016,
        "Not just a black box: learning important features through propagating activation differences",
        "arXiv 1605.01713 (gradient × input)",
        "https://arxiv.org/abs/1605.01713",
    ),
    "olah-2017": Source(
        "C. Olah, A. Mordvintsev, L. Schubert",
        2017,
        "Feature visualization",
        'Distill, section "The enemy of feature visualization"',
        "https://doi.org/10.23915/distill.00007",
    ),
    "smilkov-2017": Source(
        "D. Smilkov and others",
        2017,
        "SmoothGrad: removing noise by adding noise",
        "ICML workshop on visualization for deep learning, sections 2 and 3",
        "https://arxiv.org/abs/1706.03825",
    ),
    "sundararajan-2017": Source(
        "M. Sundararajan, A. Taly, Q. Yan",
        2017,
        "Axiomatic attribution for deep networks",
        "ICML, section 3",
        "https://arxiv.org/abs/1703.01365",
    ),
}


def cite(key: str) -> str:
    """One line that names a publication: authors (year). Title. Place.

    Args:
        key: A key of `SOURCES`.

    Returns:
        The line, without the address.

    Raises:
        SettingError: If there is no such key.

    Example:
        >>> cite("xiao-2017")[:40]
        'H. Xiao, K. Rasul, R. Vollgraf (2017). F'
    """
    if key not in SOURCES:
        raise SettingError(
            "unknown-source",
            what=text("Citing a source"),
            expected=text("a key of `sources.py`"),
            received=text("`{name}`", name=key),
            fix=did_you_mean(key, SOURCES),
        )
    source = SOURCES[key]
    return f"{source.authors} ({source.year}). {source.title}. {source.where}"
