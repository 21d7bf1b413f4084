namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>A silo that exports all signals to a collector over HTTP, with the secret headers in a file.</summary>
public sealed class TracedSilo : SiloFixture
{
    private readonly string secret;

    public TracedSilo()
        : this(Path.GetTempFileName()) { }

    private TracedSilo(string secret)
        : base(
            new()
            {
                HasReceiver = true,
                HasCollector = true,
                Settings =
                [
                    "--AsyncCalls:MaxAttempts",
                    "2",
                    "--AsyncCalls:InitialBackoff",
                    "00:00:00.2",
                    "--Otlp:Headers_FILE",
                    secret,
                    "--Otlp:MetricsInterval",
                    "00:00:01",
                ],
            }
        )
    {
        this.secret = secret;
        File.WriteAllText(secret, "X-Tenant=models\n");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(secret);
    }
}
