using System.Text.Json.Serialization;

namespace DeployCard.Samples.Iris;

internal sealed record ErrorResponse(string Error);

internal sealed record ModelReady(string Name, bool Ready);

internal sealed record V1Models(IReadOnlyList<string> Models);

internal sealed record V1Predictions(int[] Predictions);

internal sealed record V2Server(string Name, string Version, string[] Extensions);

internal sealed record V2Live(bool Live);

internal sealed record V2Ready(bool Ready);

internal sealed record V2Tensor(string Name, string Datatype, int[] Shape);

internal sealed record V2Model(string Name, string[] Versions, string Platform, V2Tensor[] Inputs, V2Tensor[] Outputs);

internal sealed record V2InferResponse(string ModelName, string? Id, V2Output[] Outputs);

/// <summary>An output tensor. Its data are a <c>long[]</c> for INT64 or a <c>float[]</c> for FP32, row by row.</summary>
internal sealed record V2Output(string Name, string Datatype, int[] Shape, object Data)
{
    public const string Predictions = "predictions";
    public const string Probabilities = "probabilities";

    public static IReadOnlyList<string> All { get; } = [Predictions, Probabilities];

    public static V2Output Create(string name, IReadOnlyList<Prediction> rows) =>
        name == Predictions
            ? new(name, "INT64", [rows.Count], rows.Select(row => (long)row.Species).ToArray())
            : new(name, "FP32", [rows.Count, Flowers.Species.Count], rows.SelectMany(row => row.Probabilities).ToArray());
}

/// <summary>JSON serialization generated at build time, so that the first response needs no reflection.</summary>
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(ModelReady))]
[JsonSerializable(typeof(V1Models))]
[JsonSerializable(typeof(V1Predictions))]
[JsonSerializable(typeof(V2Server))]
[JsonSerializable(typeof(V2Live))]
[JsonSerializable(typeof(V2Ready))]
[JsonSerializable(typeof(V2Model))]
[JsonSerializable(typeof(V2InferResponse))]
[JsonSerializable(typeof(long[]))]
[JsonSerializable(typeof(float[]))]
internal sealed partial class IrisJson : JsonSerializerContext;
