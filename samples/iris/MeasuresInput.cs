using System.Text.Json;

namespace DeployCard.Samples.Iris;

/// <summary>The bounds of what can be predicted, the same for both protocols.</summary>
internal static class MeasuresInput
{
    public const int MostRows = 4096;

    private const float Longest = 100;

    private static readonly string MeasureBounds = $"a number of centimetres from 0 to {Longest}";

    public static void RequireRowCount(int count, string path)
    {
        if (count is < 1 or > MostRows)
            throw RefusedException.BadInput($"{path} must hold from 1 to {MostRows} flowers, but held {count}.");
    }

    public static float[] Row(JsonElement row, string path)
    {
        if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != Flower.Measured)
            throw JsonInput.Wrong(path, "an array of 4 numbers (sepal length, sepal width, petal length, petal width)", row);

        return [.. row.EnumerateArray().Select((measure, at) => Measure(measure, $"{path}[{at}]"))];
    }

    public static float Measure(JsonElement measure, string path) =>
        measure.ValueKind == JsonValueKind.Number && measure.TryGetSingle(out var centimetres) && centimetres is >= 0 and <= Longest
            ? centimetres
            : throw JsonInput.Wrong(path, MeasureBounds, measure);
}
