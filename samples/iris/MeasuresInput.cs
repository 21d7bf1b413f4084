using System.Text.Json;

namespace DeployCard.Samples.Iris;

/// <summary>Reads and validates measurements. Both protocols have the same limits.</summary>
internal static class MeasuresInput
{
    public const int MaxRows = 4096;

    private const float MaxCentimetres = 100;

    private static readonly string AllowedMeasure = $"a number of centimeters from 0 to {MaxCentimetres}";

    public static void RequireRowCount(int count, string path)
    {
        if (count is < 1 or > MaxRows)
            throw RequestRejectedException.BadInput($"{path} must hold from 1 to {MaxRows} flowers, but held {count}.");
    }

    public static float[] ReadRow(JsonElement row, string path)
    {
        if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != Flower.MeasureCount)
            throw JsonInput.CreateError(path, "an array of 4 numbers (sepal length, sepal width, petal length, petal width)", row);

        return [.. row.EnumerateArray().Select((measure, at) => ReadMeasure(measure, $"{path}[{at}]"))];
    }

    public static float ReadMeasure(JsonElement measure, string path) =>
        measure.ValueKind == JsonValueKind.Number && measure.TryGetSingle(out var centimeters) && centimeters is >= 0 and <= MaxCentimetres
            ? centimeters
            : throw JsonInput.CreateError(path, AllowedMeasure, measure);
}
