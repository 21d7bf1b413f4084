namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>A silo that exports all signals to a collector over HTTP, with the secret headers in a file.</summary>
public sealed class TracedSilo : DedicatedSilo
{
    private readonly string secret = Path.GetTempFileName();

    internal Collector Collector { get; private set; } = null!;

    internal Receiver Receiver { get; private set; } = null!;

    protected override string[] Settings =>
        [
            .. CallbackSilo.AllowLoopback,
            "--AsyncCalls:MaxAttempts",
            "2",
            "--AsyncCalls:InitialBackoff",
            "00:00:00.2",
            "--Otlp:Endpoint",
            Collector.HttpEndpoint,
            "--Otlp:Protocol",
            "HttpProtobuf",
            "--Otlp:Headers_FILE",
            secret,
            "--Otlp:MetricsInterval",
            "00:00:01",
        ];

    public override async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(secret, "X-Tenant=models\n");
        Collector = await Collector.Start();
        Receiver = await Receiver.Start();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Receiver.DisposeAsync();
        await Collector.DisposeAsync();
        File.Delete(secret);
    }
}
