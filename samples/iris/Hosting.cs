using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Console;

namespace DeployCard.Samples.Iris;

/// <summary>Implements what DeployCard expects of a serving script: the port, one log line per event, a fast shutdown.</summary>
internal static partial class Hosting
{
    private const int MaxBodyBytes = 1024 * 1024;

    public static void ListenOnPodPort(this WebApplicationBuilder builder)
    {
        var port = builder.Configuration["PORT"] ?? "8080";
        if (!ushort.TryParse(port, out var number) || number == 0)
            throw new InvalidOperationException($"PORT must be a number from 1 to 65535, but was '{port}'.");

        // Listen on the loopback interface unless LISTEN is set, as in a container, which must be reachable from outside.
        var address = builder.Configuration["LISTEN"] is { Length: > 0 } text
            ? System.Net.IPAddress.Parse(text)
            : System.Net.IPAddress.Loopback;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(address, number);
        });

        // A prediction takes less than a millisecond. Do not wait longer for clients that are still sending a body.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(700));
    }

    public static void UseSingleLineLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }

    public static void UseSnakeCaseJson(this WebApplicationBuilder builder) =>
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, IrisJson.Default);
        });

    public static void LogModel(this WebApplication app)
    {
        var model = app.Services.GetRequiredService<IrisModel>();
        var names = app.Services.GetRequiredService<ModelNames>();
        var milliseconds = model.TrainingTime.TotalMilliseconds;
        LogTrained(app.Logger, names, model.Rows, model.Accuracy, milliseconds);
    }

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Information,
        Message = "Trained model {Names} on {Rows} flowers in {Milliseconds:F0} ms; it recognizes {Accuracy:P1} of them"
    )]
    static partial void LogTrained(ILogger logger, ModelNames names, int rows, double accuracy, double milliseconds);
}
