using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace DeployCard.Samples.Iris;

/// <summary>Predicts a species by multinomial logistic regression. Training is deterministic.</summary>
internal sealed class IrisModel
{
    private readonly ObjectPool<PredictionEngine<Flower, Scores>> engines;

    private IrisModel(MLContext ml, ITransformer transformer) =>
        engines = new DefaultObjectPool<PredictionEngine<Flower, Scores>>(new EnginePolicy(ml, transformer));

    public int Rows { get; private init; }
    public double Accuracy { get; private set; }
    public TimeSpan TrainingTime { get; private set; }

    public static IrisModel Train(IReadOnlyList<Flower> flowers)
    {
        var start = TimeProvider.System.GetTimestamp();
        var ml = new MLContext(seed: 1936);
        var transformer = ml
            .Transforms.Conversion.MapValueToKey(nameof(Flower.Species), keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(
                ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
                    new LbfgsMaximumEntropyMulticlassTrainer.Options
                    {
                        LabelColumnName = nameof(Flower.Species),
                        FeatureColumnName = nameof(Flower.Measures),
                        L1Regularization = 0,
                        L2Regularization = 0.01f,
                        // With several threads, the order of floating-point additions and thus the model would vary.
                        NumberOfThreads = 1,
                    }
                )
            )
            .Fit(ml.Data.LoadFromEnumerable(flowers));

        // Measures the accuracy and creates the first engine, so that the first request does not have to.
        var model = new IrisModel(ml, transformer) { Rows = flowers.Count };
        var guesses = model.Predict([.. flowers.Select(flower => flower.Measures)]);
        model.Accuracy = guesses.Zip(flowers).Average(pair => Flowers.Species[pair.First.Species] == pair.Second.Species ? 1.0 : 0.0);
        model.TrainingTime = TimeProvider.System.GetElapsedTime(start);
        return model;
    }

    public IReadOnlyList<Prediction> Predict(IReadOnlyList<float[]> rows)
    {
        // An engine is not thread-safe.
        var engine = engines.Get();
        try
        {
            return [.. rows.Select(measures => Prediction.From(engine.Predict(new Flower { Measures = measures }).Score))];
        }
        finally
        {
            engines.Return(engine);
        }
    }

    private sealed class Scores
    {
        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }

    private sealed class EnginePolicy(MLContext ml, ITransformer transformer) : PooledObjectPolicy<PredictionEngine<Flower, Scores>>
    {
        public override PredictionEngine<Flower, Scores> Create() => ml.Model.CreatePredictionEngine<Flower, Scores>(transformer);

        public override bool Return(PredictionEngine<Flower, Scores> obj) => true;
    }
}

/// <summary>Prediction for one flower.</summary>
/// <param name="Species">Index of the most probable species in <see cref="Flowers.Species"/>, starting at 0.</param>
/// <param name="Probabilities">Probability of each species; the sum is 1.</param>
internal sealed record Prediction(int Species, float[] Probabilities)
{
    public static Prediction From(float[] probabilities) => new(Array.IndexOf(probabilities, probabilities.Max()), probabilities);
}
