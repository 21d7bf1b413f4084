using System.Globalization;
using Microsoft.ML.Data;

namespace DeployCard.Samples.Iris;

/// <summary>A flower: its four measurements in centimeters and, in the training data, its species.</summary>
internal sealed class Flower
{
    public const int MeasureCount = 4;

    [VectorType(MeasureCount)]
    public float[] Measures { get; init; } = [];

    public string Species { get; init; } = "";
}

internal static class Flowers
{
    /// <summary>Species in alphabetical order. A prediction is an index into this list.</summary>
    public static IReadOnlyList<string> Species { get; } = ["setosa", "versicolor", "virginica"];

    public static IReadOnlyList<Flower> Read(string csvFile) =>
        [.. File.ReadLines(csvFile).Where(line => !line.StartsWith('#')).Skip(1).Select(Parse)];

    private static Flower Parse(string line)
    {
        var cells = line.Split(',');
        return new Flower
        {
            Measures = [.. cells[..Flower.MeasureCount].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))],
            Species = cells[Flower.MeasureCount],
        };
    }
}
