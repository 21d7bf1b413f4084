using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Console;

namespace DeployCard.Samples.Iris;

/// <summary>What DeployCard asks of a serving script: the port, one line for each event, a quick end.</summary>
internal static partial class Hosting
{
    private const int LargestBody = 1024 * 1024;

    public static void ListenWhereThePodIsExpected(this WebApplicationBuilder builder)
    {
        var port = builder.Configuration["PORT"] ?? "8080";
        if (!ushort.TryParse(port, out var number) || number == 0)
            throw new InvalidOperationException($"PORT must be a number from 1 to 65535, but was '{port}'.");

        // On this machine only, but for a container, which others have to reach.
        var address = builder.Configuration["LISTEN"] is { Length: > 0 } text
            ? System.Net.IPAddress.Parse(text)
            : System.Net.IPAddress.Loopback;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Listen(address, number);
        });

        // A prediction takes less than a millisecond: whoever has not sent its body by then is not waited for.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(700));
    }

    public static void LogOneLineForEachEvent(this WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }

    public static void AnswerAsTheProtocolsSpell(this WebApplicationBuilder builder) =>
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, IrisJson.Default);
        });

    public static void AnnounceModel(this WebApplication app)
    {
        var model = app.Services.GetRequiredService<IrisModel>();
        var names = app.Services.GetRequiredService<ModelNames>();
        var milliseconds = model.TrainingTime.TotalMilliseconds;
        LogTrained(app.Logger, names, model.Rows, model.Accuracy, milliseconds);
    }

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Information,
        Message = "Model {Names} learned from {Rows} flowers, {Accuracy:P1} of which it recognises, in {Milliseconds:F0} ms."
    )]
    static partial void LogTrained(ILogger logger, ModelNames names, int rows, double accuracy, double milliseconds);
}
