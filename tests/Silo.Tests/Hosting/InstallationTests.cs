using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace DeployCard.Silo.Tests.Hosting;

public sealed class InstallationTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void One_silo_alone_has_a_folder_with_its_secret()
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-");
        using (var installation = Open(("Storage:Path", Path.Combine(folder.FullName, "deploycard.db"))))
        {
            installation.IsCluster.ShouldBeFalse();
            installation.Data.ShouldBe(folder.FullName);
            installation.Secret.Length.ShouldBe(32);
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("postgresql")]
    public void Silos_on_PostgreSQL_are_given_their_secret(string provider)
    {
        using var installation = Open(("Storage:Provider", provider), ("Cluster:Secret", Convert.ToBase64String(Secret)));

        installation.IsCluster.ShouldBeTrue();
        installation.Secret.ShouldBe(Secret);
        installation.Data.ShouldBe("PostgreSQL, cluster deploycard");
    }

    [Fact]
    public void Without_a_secret_silos_on_PostgreSQL_do_not_start() =>
        Should
            .Throw<StartupException>(() => Open(("Storage:Provider", "PostgreSql")))
            .Message.ShouldBe(
                "Cluster:Secret is not set: give the same Secret of 32 bytes or more as base64 to every silo, best by Cluster__Secret_FILE; make one by: openssl rand -base64 32"
            );

    [Theory]
    [InlineData("c2hvcnQ=")]
    [InlineData("no base64, though it is long enough to be a secret")]
    public void A_secret_that_is_none_is_not_shown(string text)
    {
        var message = Should.Throw<StartupException>(() => Open(("Storage:Provider", "PostgreSql"), ("Cluster:Secret", text))).Message;

        message.ShouldStartWith("Cluster:Secret holds no 32 bytes as base64: ");
        message.ShouldNotContain(text);
    }

    [Theory]
    [InlineData("Oracle")]
    [InlineData("7")]
    public void Another_storage_is_refused(string provider) =>
        Should
            .Throw<StartupException>(() => Open(("Storage:Provider", provider)))
            .Message.ShouldBe($"Storage:Provider is '{provider}': give Sqlite or PostgreSql");

    private static Installation Open(params (string Name, string Value)[] settings) =>
        Installation.Open(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
                .Build()
        );
}
