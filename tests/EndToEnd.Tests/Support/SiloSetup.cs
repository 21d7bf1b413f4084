namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>What a <see cref="SiloFixture"/> starts. The default is one silo on SQLite with default settings.</summary>
internal sealed record SiloSetup
{
    /// <summary>Settings without which callbacks to loopback are rejected.</summary>
    public static readonly string[] AllowLoopback = ["--Callbacks:AllowHttp", "true", "--Callbacks:AllowedNetworks:0", "127.0.0.0/8"];

    /// <summary>The silo that the fixture uses in place of new silos; null to start silos.</summary>
    public AssemblySilo? Shared { get; init; }

    /// <summary>Number of silos to start. More than one share a PostgreSQL server.</summary>
    public int Silos { get; init; } = 1;

    /// <summary>Command-line arguments of each silo that is started.</summary>
    public string[] Settings { get; init; } = [];

    /// <summary>Whether a receiver of callbacks on loopback is started. Silos that are started accept its address.</summary>
    public bool HasReceiver { get; init; }

    /// <summary>Whether an OTLP collector is started, to which the silos export over HTTP.</summary>
    public bool HasCollector { get; init; }

    /// <summary>Whether each silo that is started serves <c>/metrics</c> on its own port.</summary>
    public bool HasMetrics { get; init; }

    /// <summary>
    /// Image of the deployment that is created; null to create none. Pods of the image <c>echo</c> are ready before a test starts.
    /// </summary>
    public string? Image { get; init; }

    /// <summary>Range of the number of pods of the deployment.</summary>
    public string Pods { get; init; } = "1-1";
}
