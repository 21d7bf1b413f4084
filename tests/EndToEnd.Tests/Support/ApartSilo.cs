namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>
/// A second silo, with one deployment of the image <c>echo</c>, for classes of tests that others could not bear beside them: they load it, measure all of
/// it, or need it without the settings of <see cref="AssemblySilo"/>. They come one after the other.
/// </summary>
public sealed class ApartSilo : OwnSilo
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
public sealed class Apart : ICollectionFixture<ApartSilo>;
