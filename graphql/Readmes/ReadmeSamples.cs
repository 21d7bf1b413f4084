namespace DeployCard.GraphQL.Readmes;

/// <summary>Readme template that demonstrates the supported Markdown.</summary>
internal static class ReadmeSamples
{
    public const string Markdown = """
        # What this model does

        One sentence for a reader who has never seen this model.

        > [!NOTE]
        > Author, training data and training date.

        ## How to call it

        ```sh
        curl "$URL/v1/models/model:predict" -H "X-API-Key: $KEY" -d '{"instances": [[1, 2, 3]]}'
        ```

        | input | unit | range |
        |-------|------|-------|
        | first | cm   | 0–10  |

        ## Before use in production

        - [x] evaluated on data outside the training set
        - [ ] tested by its users[^1]

        [^1]: Their names and their findings.
        """;
}
