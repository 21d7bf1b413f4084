using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace DeployCard.Silo.Tests.Hosting;

public sealed class InstallationTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void Single_silo_stores_its_secret_in_the_data_folder()
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-");
        using (var installation = Open(("Storage:Path", Path.Combine(folder.FullName, "deploycard.db"))))
        {
            installation.IsCluster.ShouldBeFalse();
            installation.DataLocation.ShouldBe(folder.FullName);
            installation.Secret.Length.ShouldBe(32);
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("PostgreSql")]
    [InlineData("postgresql")]
    public void Silos_on_PostgreSQL_take_the_secret_from_the_settings(string provider)
    {
        using var installation = Open(("Storage:Provider", provider), ("Cluster:Secret", Convert.ToBase64String(Secret)));

        installation.IsCluster.ShouldBeTrue();
        installation.Secret.ShouldBe(Secret);
        installation.DataLocation.ShouldBe("PostgreSQL, cluster deploycard");
    }

    [Fact]
    public void Silos_on_PostgreSQL_do_not_start_without_a_secret() =>
        Should
            .Throw<StartupException>(() => Open(("Storage:Provider", "PostgreSql")))
            .Message.ShouldBe(
                "Cluster:Secret is not set: set the same secret of at least 32 bytes in base64 on every silo, "
                    + "preferably with Cluster__Secret_FILE; create one with: openssl rand -base64 32"
            );

    [Theory]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64, although it is long enough for a secret")]
    public void Invalid_secret_is_not_part_of_the_message(string text)
    {
        var message = Should.Throw<StartupException>(() => Open(("Storage:Provider", "PostgreSql"), ("Cluster:Secret", text))).Message;

        message.ShouldStartWith("Cluster:Secret must be at least 32 bytes in base64: ");
        message.ShouldNotContain(text);
    }

    [Theory]
    [InlineData("Oracle")]
    [InlineData("7")]
    public void Unknown_storage_provider_is_rejected(string provider) =>
        Should
            .Throw<StartupException>(() => Open(("Storage:Provider", provider)))
            .Message.ShouldBe($"Storage:Provider must be Sqlite or PostgreSql; got '{provider}'");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("/")]
    [InlineData("data/")]
    [InlineData(":memory:")]
    [InlineData("file:data/deploycard.db")]
    public void Database_path_without_a_file_is_rejected_with_the_setting_and_the_given_value(string path) =>
        Should
            .Throw<StartupException>(() => Open(("Storage:Path", path)))
            .Message.ShouldBe(
                "Storage:Path must be the path of a file, such as data/deploycard.db, not a URI or an in-memory database; "
                    + $"got '{path}'"
            );

    private static Installation Open(params (string Name, string Value)[] settings) =>
        Installation.Open(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
                .Build()
        );
}
