namespace DeployCard.Samples.Iris;

/// <summary>Open Inference Protocol (V2): requests and responses contain named tensors with a type and a shape.</summary>
internal static partial class V2Protocol
{
    private static readonly V2Tensor[] Inputs = [new("measures", "FP32", [-1, Flower.MeasureCount])];
    private static readonly V2Tensor[] Outputs =
    [
        new(V2Output.Predictions, "INT64", [-1]),
        new(V2Output.Probabilities, "FP32", [-1, Flowers.Species.Count]),
    ];

    public static void MapV2(this WebApplication app)
    {
        app.MapGet("/v2", () => new V2Server("iris", "1.0", []));
        app.MapGet("/v2/health/live", () => new V2Live(Live: true));
        app.MapGet("/v2/health/ready", () => new V2Ready(Ready: true));
        app.MapGet(
            "/v2/models/{name}",
            (string name, ModelNames names) =>
            {
                names.Require(name);
                return new V2Model(name, ["1"], "ml.net", Inputs, Outputs);
            }
        );
        app.MapGet(
            "/v2/models/{name}/ready",
            (string name, ModelNames names) =>
            {
                names.Require(name);
                return new ModelReady(name, Ready: true);
            }
        );
        app.MapPost("/v2/models/{name}/infer", Infer);
    }

    private static async Task<V2InferResponse> Infer(
        string name,
        HttpRequest request,
        ModelNames names,
        IrisModel model,
        ILogger<IrisModel> logger,
        CancellationToken cancellation
    )
    {
        names.Require(name);
        using var body = await JsonInput.ReadObject(request, cancellation);
        var input = V2Request.Read(body.RootElement);

        var start = TimeProvider.System.GetTimestamp();
        var predictions = model.Predict(input.Rows);
        var milliseconds = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        LogInferred(logger, predictions.Count, milliseconds);
        return new V2InferResponse(name, input.Id, [.. input.Outputs.Select(output => V2Output.Create(output, predictions))]);
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "V2 request predicted {Rows} flowers in {Milliseconds:F3} ms")]
    static partial void LogInferred(ILogger logger, int rows, double milliseconds);
}
