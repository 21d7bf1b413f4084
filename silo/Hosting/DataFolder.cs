using System.Security.Cryptography;

namespace DeployCard.Silo.Hosting;

/// <summary>
/// The folder that contains the database and the secret of this installation. A lock file reserves it for one silo: two silos on the same
/// folder would each activate every grain.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string SecretFile = "secret.key";
    private const string LockFile = "lock";
    private const int SecretLength = 32;

    private readonly FileStream lockFile;

    private DataFolder(string path, FileStream lockFile, byte[] secret) => (Path, this.lockFile, Secret) = (path, lockFile, secret);

    /// <summary>Path of the folder.</summary>
    public string Path { get; }

    /// <summary>
    /// Secret of the installation, at least 32 bytes. It is part of the hash of every key and token, and of every webhook secret. If the
    /// secret is lost, all of these become invalid, so a backup must contain the secret together with the database.
    /// </summary>
    public byte[] Secret { get; }

    /// <summary>Creates the folder if it is missing, locks it for this silo, and reads or creates its secret.</summary>
    /// <param name="path">Path of the folder.</param>
    /// <exception cref="StartupException">
    /// The folder is not writable, another silo uses it, or its secret is invalid.
    /// </exception>
    public static DataFolder Open(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"the data folder {path} cannot be created: {e.Message}", e);
        }

        var opened = OpenLockFile(path);
        try
        {
            return new(path, opened, ReadOrCreateSecret(System.IO.Path.Combine(path, SecretFile)));
        }
        catch (Exception e)
        {
            opened.Dispose();
            throw e is StartupException ? e : new StartupException($"the data folder {path} cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => lockFile.Dispose();

    private static FileStream OpenLockFile(string path)
    {
        try
        {
            return new(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartupException(
                $"the data folder {path} is not writable: grant this user write access, or choose another folder with Storage:Path",
                e
            );
        }
        catch (IOException e)
        {
            throw new StartupException($"the data folder {path} is in use by another silo or is not writable: {e.Message}", e);
        }
    }

    private static byte[] ReadOrCreateSecret(string file)
    {
        if (!File.Exists(file))
            CreateSecret(file);
        var text = File.ReadAllText(file).Trim();
        var secret = new byte[text.Length];
        return Convert.TryFromBase64String(text, secret, out var length) && length >= SecretLength
            ? secret[..length]
            : throw new StartupException(
                $"{file} must contain a secret of at least {SecretLength} bytes in base64: restore the file from a backup, "
                    + "because keys cannot be verified without the secret"
            );
    }

    private static void CreateSecret(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // Renaming a complete file is atomic. The next start would accept a partially written file as the secret.
        var temporary = file + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretLength))));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, file);
    }
}
