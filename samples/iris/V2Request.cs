using System.Text.Json;

namespace DeployCard.Samples.Iris;

/// <summary>What an inference request of the V2 protocol asks for.</summary>
internal sealed record V2Request(string? Id, float[][] Rows, IReadOnlyList<string> Outputs)
{
    private const string ShapeBounds = "[n, 4]";

    public static V2Request Read(JsonElement body)
    {
        var id = body.TryGetProperty("id", out _) ? JsonInput.Text(body, "id", "id", "a string") : null;
        var inputs = JsonInput.Array(body, "inputs", "inputs", "an array of one tensor");
        if (inputs.GetArrayLength() != 1 || inputs[0].ValueKind != JsonValueKind.Object)
            throw JsonInput.Wrong("inputs", "an array of one tensor", inputs);

        return new V2Request(id, Tensor(inputs[0]), RequestedOutputs(body));
    }

    private static float[][] Tensor(JsonElement input)
    {
        var datatype = JsonInput.Text(input, "datatype", "inputs[0].datatype", "FP32 or FP64");
        if (datatype is not ("FP32" or "FP64"))
            throw JsonInput.Wrong("inputs[0].datatype", "FP32 or FP64", input.GetProperty("datatype"));

        var count = RowCount(JsonInput.Array(input, "shape", "inputs[0].shape", ShapeBounds));
        var data = JsonInput.Array(input, "data", "inputs[0].data", $"an array of {count * Flower.Measured} numbers");
        return data.GetArrayLength() > 0 && data[0].ValueKind == JsonValueKind.Array ? Nested(data, count) : Flat(data, count);
    }

    private static int RowCount(JsonElement shape)
    {
        if (
            shape.GetArrayLength() != 2
            || !IsNumber(shape[0], out var rows)
            || !IsNumber(shape[1], out var columns)
            || columns != Flower.Measured
        )
            throw RefusedException.BadInput($"inputs[0].shape must be {ShapeBounds}, but was {shape.GetRawText()}.");

        MeasuresInput.RequireRowCount(rows, "inputs[0]");
        return rows;
    }

    private static bool IsNumber(JsonElement element, out int number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out number);
    }

    /// <summary>The protocol allows <c>[[1,2,3,4],[5,6,7,8]]</c> for <c>[1,2,3,4,5,6,7,8]</c>.</summary>
    private static float[][] Nested(JsonElement data, int count)
    {
        RequireLength(data, count, "rows");
        return [.. data.EnumerateArray().Select((row, at) => MeasuresInput.Row(row, $"inputs[0].data[{at}]"))];
    }

    private static float[][] Flat(JsonElement data, int count)
    {
        RequireLength(data, count * Flower.Measured, "numbers");
        return
        [
            .. data.EnumerateArray()
                .Select((measure, at) => MeasuresInput.Measure(measure, $"inputs[0].data[{at}]"))
                .Chunk(Flower.Measured),
        ];
    }

    private static void RequireLength(JsonElement data, int expected, string what)
    {
        if (data.GetArrayLength() != expected)
            throw RefusedException.BadInput(
                $"inputs[0].data must hold {expected} {what} as its shape says, but held {data.GetArrayLength()}."
            );
    }

    /// <summary>Both, when the request names none.</summary>
    private static IReadOnlyList<string> RequestedOutputs(JsonElement body)
    {
        if (!body.TryGetProperty("outputs", out _))
            return V2Output.All;

        const string Allowed = "an array of objects named predictions or probabilities";
        var outputs = JsonInput.Array(body, "outputs", "outputs", Allowed);
        return outputs.GetArrayLength() == 0 ? V2Output.All : [.. outputs.EnumerateArray().Select(RequestedOutput).Distinct()];
    }

    private static string RequestedOutput(JsonElement output, int at)
    {
        const string Allowed = "predictions or probabilities";
        if (output.ValueKind != JsonValueKind.Object)
            throw JsonInput.Wrong($"outputs[{at}]", "an object with a name", output);

        var name = JsonInput.Text(output, "name", $"outputs[{at}].name", Allowed);
        return V2Output.All.Contains(name) ? name : throw JsonInput.Wrong($"outputs[{at}].name", Allowed, output.GetProperty("name"));
    }
}
