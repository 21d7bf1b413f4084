using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace DeployCard.Silo.Tests.Hosting;

public sealed class SecretFilesTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void File_contains_the_value_of_a_setting()
    {
        File.WriteAllText(file, "  hush\n");

        Settings(("Cluster:Secret_FILE", file))["Cluster:Secret"].ShouldBe("hush");
    }

    [Fact]
    public void Suffix_is_recognized_for_any_setting_in_any_case()
    {
        File.WriteAllText(file, "Host=db;Password=hush");

        Settings(("storage:connectionstring_file", file))["Storage:ConnectionString"].ShouldBe("Host=db;Password=hush");
    }

    [Fact]
    public void Variable_without_a_section_is_ignored() => Settings(("SSL_CERT_FILE", "/no/such/file"))["SSL_CERT"].ShouldBeNull();

    [Fact]
    public void Setting_that_is_set_both_directly_and_by_a_file_is_rejected() =>
        Should
            .Throw<StartupException>(() => Settings(("Cluster:Secret_FILE", file), ("Cluster:Secret", "x")))
            .Message.ShouldBe("Cluster:Secret and Cluster:Secret_FILE are both set: remove one of them");

    [Fact]
    public void Missing_file_is_reported() =>
        Should
            .Throw<StartupException>(() => Settings(("Cluster:Secret_FILE", "/no/such/file")))
            .Message.ShouldStartWith("Cluster:Secret_FILE points to a file that cannot be read: ");

    [Fact]
    public void File_of_more_than_64_KiB_is_rejected()
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
