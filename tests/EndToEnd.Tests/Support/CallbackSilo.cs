namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>A silo that sends callbacks to loopback, with a receiver there.</summary>
public sealed class CallbackSilo : SharedSilo
{
    /// <summary>Without them a receiver on loopback is refused.</summary>
    internal static readonly string[] AllowLoopback = ["--Callbacks:AllowHttp", "true", "--Callbacks:AllowedNetworks:0", "127.0.0.0/8"];

    internal Receiver Receiver { get; private set; } = null!;

    // Long enough that a receiver that never answers has not been given up when the test looks.
    protected override string[] Settings => [.. AllowLoopback, "--Callbacks:Timeout", "00:01:00"];

    public override async ValueTask InitializeAsync()
    {
        Receiver = await Receiver.Start();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
