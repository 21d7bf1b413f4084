using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace DeployCard.Silo.Tests.Hosting;

public sealed class SecretFilesTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void A_setting_comes_from_the_file_that_is_named()
    {
        File.WriteAllText(file, "  hush\n");

        Settings(("Cluster:Secret_FILE", file))["Cluster:Secret"].ShouldBe("hush");
    }

    [Fact]
    public void It_may_be_any_setting_in_any_case()
    {
        File.WriteAllText(file, "Host=db;Password=hush");

        Settings(("storage:connectionstring_file", file))["Storage:ConnectionString"].ShouldBe("Host=db;Password=hush");
    }

    [Fact]
    public void A_variable_of_somebody_else_is_left_alone() => Settings(("SSL_CERT_FILE", "/no/such/file"))["SSL_CERT"].ShouldBeNull();

    [Fact]
    public void Both_the_setting_and_its_file_are_refused() =>
        Should
            .Throw<StartupException>(() => Settings(("Cluster:Secret_FILE", file), ("Cluster:Secret", "x")))
            .Message.ShouldBe("Cluster:Secret and Cluster:Secret_FILE are both given: leave one of them out");

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Should
            .Throw<StartupException>(() => Settings(("Cluster:Secret_FILE", "/no/such/file")))
            .Message.ShouldStartWith("Cluster:Secret_FILE names a file that cannot be read: ");

    [Fact]
    public void A_file_that_is_too_long_is_told()
    {
        File.WriteAllText(file, new string('x', 65 * 1024));

        Should.Throw<StartupException>(() => Settings(("Cluster:Secret_FILE", file))).Message.ShouldContain("longer than 64 KiB");
    }

    private static ConfigurationManager Settings(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        configuration.AddSecretFiles();
        return configuration;
    }
}
