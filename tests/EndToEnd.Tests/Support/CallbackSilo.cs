namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>The shared silo, which sends callbacks to loopback, with a receiver there.</summary>
public sealed class CallbackSilo(AssemblySilo assembly) : SharedSilo(assembly)
{
    /// <summary>Without them a receiver on loopback is refused.</summary>
    internal static readonly string[] AllowLoopback = ["--Callbacks:AllowHttp", "true", "--Callbacks:AllowedNetworks:0", "127.0.0.0/8"];

    internal Receiver Receiver { get; private set; } = null!;

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
