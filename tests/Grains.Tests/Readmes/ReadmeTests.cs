using DeployCard.Contracts.Readmes;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.Readmes;

/// <summary>Saving a readme with its size limit and its version check.</summary>
public sealed class ReadmeTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Size_limit_counts_bytes_and_is_exact()
    {
        var readme = Silos.Grains.GetGrain<IReadmeGrain>(NewName());
        var most = new string('ж', IReadmeGrain.MaxBytes / 2);
        Error(await readme.Save(most + "x", 0, Anna, Token)).Message.ShouldContain("262145");
        Value(await readme.Save(most, 0, Anna, Token)).Version.ShouldBe(1);
    }

    [Fact]
    public async Task Second_save_of_the_same_version_returns_a_conflict()
    {
        var readme = Silos.Grains.GetGrain<IReadmeGrain>(NewName());
        Value(await readme.Save("hers", 0, Anna, Token));
        Error(await readme.Save("his", 0, "bert", Token)).Message.ShouldContain("anna");
        (await readme.Get()).Markdown.ShouldBe("hers");
    }
}
