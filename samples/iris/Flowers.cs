using System.Globalization;
using Microsoft.ML.Data;

namespace DeployCard.Samples.Iris;

/// <summary>One flower: its four measures in centimetres and, in the training data, its species.</summary>
internal sealed class Flower
{
    public const int Measured = 4;

    [VectorType(Measured)]
    public float[] Measures { get; init; } = [];

    public string Species { get; init; } = "";
}

internal static class Flowers
{
    /// <summary>A prediction is the place in this list, which is alphabetical.</summary>
    public static IReadOnlyList<string> Species { get; } = ["setosa", "versicolor", "virginica"];

    public static IReadOnlyList<Flower> Read(string csvFile) =>
        [.. File.ReadLines(csvFile).Where(line => !line.StartsWith('#')).Skip(1).Select(Parse)];

    private static Flower Parse(string line)
    {
        var cells = line.Split(',');
        return new Flower
        {
            Measures = [.. cells[..Flower.Measured].Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))],
            Species = cells[Flower.Measured],
        };
    }
}
