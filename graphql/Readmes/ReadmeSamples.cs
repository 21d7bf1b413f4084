namespace DeployCard.GraphQL.Readmes;

/// <summary>A readme that shows what there is, to begin with.</summary>
internal static class ReadmeSamples
{
    public const string Markdown = """
        # What this model does

        One sentence for somebody who has never seen it.

        > [!NOTE]
        > Who trained it, on what, and when.

        ## How to call it

        ```sh
        curl "$URL/v1/models/model:predict" -H "X-API-Key: $KEY" -d '{"instances": [[1, 2, 3]]}'
        ```

        | input | unit | range |
        |-------|------|-------|
        | first | cm   | 0–10  |

        ## Before it is relied on

        - [x] tried on data that it was not trained on
        - [ ] tried by the people who will use it[^1]

        [^1]: Their names, and what they found.
        """;
}
