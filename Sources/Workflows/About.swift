// What an office does, over one narrow door.
