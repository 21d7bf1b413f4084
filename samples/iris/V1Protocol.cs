using System.Text.Json;

namespace DeployCard.Samples.Iris;

/// <summary>KServe V1 protocol: a request has <c>{"instances": [[…]]}</c>, its response <c>{"predictions": […]}</c>.</summary>
internal static partial class V1Protocol
{
    public static void MapV1(this WebApplication app)
    {
        app.MapGet("/v1/models", (ModelNames names) => new V1Models(names.All));
        app.MapGet(
            "/v1/models/{name}",
            (string name, ModelNames names) =>
            {
                names.Require(name);
                return new ModelReady(name, Ready: true);
            }
        );
        app.MapPost("/v1/models/{name}:predict", Predict);
    }

    private static async Task<V1Predictions> Predict(
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
        var rows = Rows(body.RootElement);

        var start = TimeProvider.System.GetTimestamp();
        var species = model.Predict(rows).Select(prediction => prediction.Species).ToArray();
        var milliseconds = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        LogPredicted(logger, species.Length, milliseconds);
        return new V1Predictions(species);
    }

    private static float[][] Rows(JsonElement body)
    {
        var instances = JsonInput.ReadArray(body, "instances", "instances", "an array of flowers, each an array of 4 numbers");
        MeasuresInput.RequireRowCount(instances.GetArrayLength(), "instances");
        return [.. instances.EnumerateArray().Select((row, at) => MeasuresInput.ReadRow(row, $"instances[{at}]"))];
    }

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "V1 request predicted {Rows} flowers in {Milliseconds:F3} ms")]
    static partial void LogPredicted(ILogger logger, int rows, double milliseconds);
}
