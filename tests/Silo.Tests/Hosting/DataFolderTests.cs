using DeployCard.Silo.Hosting;

namespace DeployCard.Silo.Tests.Hosting;

public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("deploycard-");

    private string Data => Path.Combine(root.FullName, "a", "data");

    private string SecretFile => Path.Combine(Data, "secret.key");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void Secret_is_created_only_once()
    {
        byte[] first;
        using (var folder = DataFolder.Open(Data))
            first = folder.Secret;

        using var again = DataFolder.Open(Data);

        first.Length.ShouldBe(32);
        again.Secret.ShouldBe(first);
        again.Path.ShouldBe(Data);
    }

    [Fact]
    public void Each_folder_has_a_different_secret()
    {
        using var one = DataFolder.Open(Data);
        using var other = DataFolder.Open(Data + "2");

        other.Secret.ShouldNotBe(one.Secret);
    }

    [Fact]
    public void Only_the_owner_of_the_secret_file_can_read_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows uses access control lists instead.");
        using var folder = DataFolder.Open(Data);

#pragma warning disable CA1416 // The test is skipped on Windows.
        File.GetUnixFileMode(SecretFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
    }

    [Fact]
    public void Second_silo_is_rejected_until_the_first_one_stops()
    {
        using (DataFolder.Open(Data))
            Should
                .Throw<StartupException>(() => DataFolder.Open(Data))
                .Message.ShouldSatisfyAllConditions(
                    message => message.ShouldContain(Data),
                    message => message.ShouldContain("in use by another silo")
                );

        DataFolder.Open(Data).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("%%% not base64 %%%")]
    [InlineData("c2hvcnQ=")]
    public void Invalid_secret_is_reported_with_its_file_and_the_remedy_and_is_not_replaced(string text)
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(SecretFile, text);

        Should
            .Throw<StartupException>(() => DataFolder.Open(Data))
            .Message.ShouldSatisfyAllConditions(
                message => message.ShouldContain(SecretFile),
                message => message.ShouldContain("restore the file from a backup")
            );

        File.ReadAllText(SecretFile).ShouldBe(text);
    }

    [Fact]
    public void Folder_with_an_invalid_secret_does_not_stay_locked()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(SecretFile, "");
        Should.Throw<StartupException>(() => DataFolder.Open(Data));
        File.Delete(SecretFile);

        DataFolder.Open(Data).Dispose();
    }

    [Fact]
    public void Trailing_newline_does_not_change_the_secret()
    {
        byte[] secret;
        using (var folder = DataFolder.Open(Data))
            secret = folder.Secret;
        File.AppendAllText(SecretFile, "\n");

        using var again = DataFolder.Open(Data);

        again.Secret.ShouldBe(secret);
    }

    [Fact]
    public void Temporary_file_of_an_interrupted_start_is_replaced()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(SecretFile + ".new", "half");

        using var folder = DataFolder.Open(Data);

        folder.Secret.Length.ShouldBe(32);
        File.Exists(SecretFile + ".new").ShouldBeFalse();
    }

    [Fact]
    public void Folder_that_cannot_be_created_is_reported_with_its_path()
    {
        File.WriteAllText(Path.Combine(root.FullName, "a"), "not a folder");

        Should.Throw<StartupException>(() => DataFolder.Open(Data)).Message.ShouldContain(Data);
    }
}
