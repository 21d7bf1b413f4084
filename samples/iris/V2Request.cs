using System.Text.Json;

namespace DeployCard.Samples.Iris;

/// <summary>An inference request of the V2 protocol: its id (null if not specified), its rows and its requested outputs.</summary>
internal sealed record V2Request(string? Id, float[][] Rows, IReadOnlyList<string> Outputs)
{
    private const string ShapeBounds = "[n, 4]";

    public static V2Request Read(JsonElement body)
    {
        var id = body.TryGetProperty("id", out _) ? JsonInput.ReadText(body, "id", "id", "a string") : null;
        var inputs = JsonInput.ReadArray(body, "inputs", "inputs", "an array of one tensor");
        if (inputs.GetArrayLength() != 1 || inputs[0].ValueKind != JsonValueKind.Object)
            throw JsonInput.CreateError("inputs", "an array of one tensor", inputs);

        return new V2Request(id, Tensor(inputs[0]), RequestedOutputs(body));
    }

    private static float[][] Tensor(JsonElement input)
    {
        var datatype = JsonInput.ReadText(input, "datatype", "inputs[0].datatype", "FP32 or FP64");
        if (datatype is not ("FP32" or "FP64"))
            throw JsonInput.CreateError("inputs[0].datatype", "FP32 or FP64", input.GetProperty("datatype"));

        var count = RowCount(JsonInput.ReadArray(input, "shape", "inputs[0].shape", ShapeBounds));
        var data = JsonInput.ReadArray(input, "data", "inputs[0].data", $"an array of {count * Flower.MeasureCount} numbers");
        return data.GetArrayLength() > 0 && data[0].ValueKind == JsonValueKind.Array ? Nested(data, count) : Flat(data, count);
    }

    private static int RowCount(JsonElement shape)
    {
        if (
            shape.GetArrayLength() != 2
            || !IsNumber(shape[0], out var rows)
            || !IsNumber(shape[1], out var columns)
            || columns != Flower.MeasureCount
        )
            throw RequestRejectedException.BadInput($"inputs[0].shape must be {ShapeBounds}, but was {shape.GetRawText()}.");

        MeasuresInput.RequireRowCount(rows, "inputs[0]");
        return rows;
    }

    private static bool IsNumber(JsonElement element, out int number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out number);
    }

    /// <summary>Reads nested data: the protocol allows <c>[[1,2,3,4],[5,6,7,8]]</c> instead of <c>[1,2,3,4,5,6,7,8]</c>.</summary>
    private static float[][] Nested(JsonElement data, int count)
    {
        RequireLength(data, count, "rows");
        return [.. data.EnumerateArray().Select((row, at) => MeasuresInput.ReadRow(row, $"inputs[0].data[{at}]"))];
    }

    private static float[][] Flat(JsonElement data, int count)
    {
        RequireLength(data, count * Flower.MeasureCount, "numbers");
        return
        [
            .. data.EnumerateArray()
                .Select((measure, at) => MeasuresInput.ReadMeasure(measure, $"inputs[0].data[{at}]"))
                .Chunk(Flower.MeasureCount),
        ];
    }

    private static void RequireLength(JsonElement data, int expected, string what)
    {
        if (data.GetArrayLength() != expected)
            throw RequestRejectedException.BadInput(
                $"inputs[0].data must hold {expected} {what} according to its shape, but held {data.GetArrayLength()}."
            );
    }

    /// <summary>Returns the requested outputs; both if the request specifies none.</summary>
    private static IReadOnlyList<string> RequestedOutputs(JsonElement body)
    {
        if (!body.TryGetProperty("outputs", out _))
            return V2Output.All;

        const string Allowed = "an array of objects named predictions or probabilities";
        var outputs = JsonInput.ReadArray(body, "outputs", "outputs", Allowed);
        return outputs.GetArrayLength() == 0 ? V2Output.All : [.. outputs.EnumerateArray().Select(RequestedOutput).Distinct()];
    }

    private static string RequestedOutput(JsonElement output, int at)
    {
        const string Allowed = "predictions or probabilities";
        if (output.ValueKind != JsonValueKind.Object)
            throw JsonInput.CreateError($"outputs[{at}]", "an object with a name", output);

        var name = JsonInput.ReadText(output, "name", $"outputs[{at}].name", Allowed);
        return V2Output.All.Contains(name) ? name : throw JsonInput.CreateError($"outputs[{at}].name", Allowed, output.GetProperty("name"));
    }
}
