namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// A second silo, with one deployment of the image <c>echo</c>, for test classes that must not share a silo with others: they load the
/// silo, measure all of its activity, or require a silo without the settings of <see cref="AssemblySilo"/>. These classes run one after
/// another.
/// </summary>
public sealed class IsolatedSilo : DedicatedSilo
{
    internal EchoDeployment Echo { get; private set; } = null!;

    protected override string[] Settings => ["--Gateway:TrustForwardedHeaders", "true"];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Echo = await EchoDeployment.Start(this, new { pods = "1-1" });
    }
}

[CollectionDefinition]
public sealed class Isolated : ICollectionFixture<IsolatedSilo>;
