namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>The shared silo with a callback receiver on loopback.</summary>
public sealed class CallbackSilo(AssemblySilo assembly) : SharedSilo(assembly)
{
    /// <summary>Settings without which callbacks to loopback are rejected.</summary>
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
