using DeployCard.Silo.Hosting;

namespace DeployCard.Silo.Tests.Hosting;

public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("deploycard-");

    private string Data => Path.Combine(root.FullName, "a", "data");

    private string SecretFile => Path.Combine(Data, "secret.key");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void The_secret_is_made_once()
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
    public void Each_folder_has_a_secret_of_its_own()
    {
        using var one = DataFolder.Open(Data);
        using var other = DataFolder.Open(Data + "2");

        other.Secret.ShouldNotBe(one.Secret);
    }

    [Fact]
    public void Only_its_owner_may_read_the_secret()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has access lists instead.");
        using var folder = DataFolder.Open(Data);

#pragma warning disable CA1416 // Skipped there.
        File.GetUnixFileMode(SecretFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
    }

    [Fact]
    public void A_second_silo_is_turned_away_until_the_first_one_ends()
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
    [InlineData("%%% no base64 %%%")]
    [InlineData("c2hvcnQ=")]
    public void A_broken_secret_is_told_with_its_file_and_the_remedy_and_left_alone(string text)
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(SecretFile, text);

        Should
            .Throw<StartupException>(() => DataFolder.Open(Data))
            .Message.ShouldSatisfyAllConditions(
                message => message.ShouldContain(SecretFile),
                message => message.ShouldContain("restore it from a copy")
            );

        File.ReadAllText(SecretFile).ShouldBe(text);
    }

    [Fact]
    public void A_folder_with_a_broken_secret_is_not_kept_locked()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(SecretFile, "");
        Should.Throw<StartupException>(() => DataFolder.Open(Data));
        File.Delete(SecretFile);

        DataFolder.Open(Data).Dispose();
    }

    [Fact]
    public void A_secret_with_a_line_end_is_the_same_secret()
    {
        byte[] secret;
        using (var folder = DataFolder.Open(Data))
            secret = folder.Secret;
        File.AppendAllText(SecretFile, "\n");

        using var again = DataFolder.Open(Data);

        again.Secret.ShouldBe(secret);
    }

    [Fact]
    public void What_a_broken_start_left_behind_is_no_hindrance()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(SecretFile + ".new", "half");

        using var folder = DataFolder.Open(Data);

        folder.Secret.Length.ShouldBe(32);
        File.Exists(SecretFile + ".new").ShouldBeFalse();
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told()
    {
        File.WriteAllText(Path.Combine(root.FullName, "a"), "a file in the way");

        Should.Throw<StartupException>(() => DataFolder.Open(Data)).Message.ShouldContain(Data);
    }
}
